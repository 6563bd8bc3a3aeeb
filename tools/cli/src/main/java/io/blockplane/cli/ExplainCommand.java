package io.blockplane.cli;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.replay.BlockAt;
import io.blockplane.replay.BlockAtText;
import io.blockplane.replay.Explain;
import io.blockplane.replay.Explanation;
import io.blockplane.replay.ExplanationText;
import io.blockplane.replay.Flips;
import io.blockplane.replay.LogSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code explain}: why, from the effect back to the traffic; or how it was at a time. */
@Command(
        name = "explain",
        description =
                "Explains one decision: applied <- command <- decision <- window <- tasks, with the"
                        + " numbers, and what would have flipped it. Given a time, shows a block as"
                        + " it was then.",
        mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {

    @Mixin private Connection connection = new Connection();

    @Parameters(
            paramLabel = "DECISION|TIME",
            description =
                    "Its id, as './blockplane decisions' lists it; or a time,"
                            + " 2026-11-30T12:00:00Z for example.")
    private String what = "";

    @Option(names = "--block", description = "Of a time: which block.")
    private @Nullable String blockId;

    @Option(
            names = "--no-flip",
            description = "Don't run the policy again to find what would have flipped it.")
    private boolean noFlip;

    @Option(names = "--file", description = "Read an exported log instead of a broker.")
    private @Nullable Path file;

    @Override
    public Integer call() throws IOException {
        LogSource log = source(connection, file);
        Optional<Instant> time = time(what);
        if (time.isPresent()) {
            if (blockId == null) {
                throw new IOException("--block: none (expected: one, since a time is given)");
            }
            System.out.print(BlockAtText.of(BlockAt.read(log, blockId, time.get())));
            return 0;
        }
        Optional<Explanation> explanation = Explain.decision(log, what);
        if (explanation.isEmpty()) {
            throw new IOException("no decision " + what + " in " + log.name());
        }
        System.out.print(ExplanationText.of(explanation.get()));
        PolicyDecided decided = explanation.get().decided();
        if (!noFlip && decided.call() == Call.EVAL && decided.kind() != Kind.ROUTE) {
            System.out.print(" <- " + flip(log, decided));
        }
        return 0;
    }

    private static String flip(LogSource log, PolicyDecided decided) {
        try {
            return Flips.of(log, decided).text();
        } catch (IOException e) {
            return "flipped   not searched: " + e.getMessage() + System.lineSeparator();
        }
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }

    /** An exported file when one is named, else the broker. */
    static LogSource source(Connection connection, @Nullable Path file) throws IOException {
        return file != null
                ? LogSource.file(file)
                : LogSource.broker(connection.kafka().bootstrapServers());
    }
}

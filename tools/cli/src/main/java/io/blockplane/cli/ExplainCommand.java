package io.blockplane.cli;

import io.blockplane.replay.Explain;
import io.blockplane.replay.Explanation;
import io.blockplane.replay.ExplanationText;
import io.blockplane.replay.LogSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code explain}: why, from the effect back to the traffic. */
@Command(
        name = "explain",
        description =
                "Explains one decision: applied <- command <- decision <- window <- tasks, with the"
                        + " numbers.",
        mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {

    @Mixin private Connection connection = new Connection();

    @Parameters(
            paramLabel = "DECISION",
            description = "Its id, as './blockplane decisions' lists it.")
    private String decisionId = "";

    @Option(names = "--file", description = "Read an exported log instead of a broker.")
    private @Nullable Path file;

    @Override
    public Integer call() throws IOException {
        LogSource log = source(connection, file);
        Optional<Explanation> explanation = Explain.decision(log, decisionId);
        if (explanation.isEmpty()) {
            throw new IOException("no decision " + decisionId + " in " + log.name());
        }
        System.out.print(ExplanationText.of(explanation.get()));
        return 0;
    }

    /** An exported file when one is named, else the broker. */
    static LogSource source(Connection connection, @Nullable Path file) throws IOException {
        return file != null
                ? LogSource.file(file)
                : LogSource.broker(connection.kafka().bootstrapServers());
    }
}

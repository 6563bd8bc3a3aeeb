package io.blockplane.cli;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.Topic;
import io.blockplane.log.LogScan;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code decisions}: the last ones of a block, or those that did something. */
@Command(
        name = "decisions",
        description = "Lists decisions, the newest last.",
        mixinStandardHelpOptions = true)
final class DecisionsCommand implements Callable<Integer> {

    private static final int REASON_WIDTH = 80;

    @Mixin private Connection connection = new Connection();

    @Parameters(arity = "0..1", paramLabel = "BLOCK", description = "Of this block only.")
    private @Nullable String blockId;

    @Option(names = "--last", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int last = 20;

    @Option(names = "--acted", description = "Only those that asked for a change.")
    private boolean acted;

    @Override
    public Integer call() throws IOException {
        Deque<List<String>> rows = new ArrayDeque<>();
        LogScan.events(
                connection.kafka(),
                Topic.DECISIONS,
                record -> {
                    PolicyDecided decision = (PolicyDecided) record.event();
                    if (wanted(decision)) {
                        rows.addLast(row(record.envelope().id(), decision));
                        if (rows.size() > last) {
                            rows.removeFirst();
                        }
                    }
                });
        System.out.print(
                Text.table(
                        List.of("DECISION", "TIME", "CALL", "OUTCOME", "ACTION", "REASON"),
                        new ArrayList<>(rows)));
        return 0;
    }

    private boolean wanted(PolicyDecided decision) {
        return (blockId == null || blockId.equals(decision.blockId()))
                && (!acted || decision.action().operation() != PolicyDecided.Operation.NONE);
    }

    private static List<String> row(String id, PolicyDecided decision) {
        PolicyDecided.ScaleAction action = decision.action();
        String what =
                switch (action.operation()) {
                    case NONE -> "-";
                    case UPSCALE -> "upscale " + action.count();
                    case DOWNSCALE -> "downscale " + String.join(",", action.instanceIds());
                };
        String reason = decision.error() != null ? decision.error() : action.reason();
        return List.of(
                id,
                Instant.ofEpochMilli(decision.logicalTimeMs()).toString(),
                decision.call().toString(),
                decision.outcome().toString(),
                what,
                Text.shorten(reason == null ? "" : reason, REASON_WIDTH));
    }
}

package io.blockplane.executor;

import io.blockplane.events.Command.Observation;
import io.blockplane.events.Command.ReportInstance;
import io.blockplane.events.Envelope;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the control plane which draining instances have nothing left to do, here and at other
 * executors of the block, and tells it again until the log says that it knows. The report's id
 * makes saying it twice harmless.
 */
final class DrainReporter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DrainReporter.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    private static final Duration REPEAT_AFTER = Duration.ofSeconds(5);

    private final Blocks blocks;
    private final LogWriter commands;
    private final Clock clock;
    private final String source;
    private final OtherExecutors others;
    private final Thread thread;

    /** When each was reported last; only those that still wait to be known. */
    private final Map<Report, Instant> reported = new HashMap<>();

    private DrainReporter(
            Blocks blocks,
            LogWriter commands,
            Clock clock,
            String executorId,
            OtherExecutors others) {
        this.blocks = blocks;
        this.commands = commands;
        this.clock = clock;
        this.source = "/executor/" + executorId;
        this.others = others;
        this.thread = Thread.ofVirtual().name("drain-reporter").unstarted(this::run);
    }

    private record Report(String blockId, Router.Idle instance) {
        String id() {
            return "rep-%s-%s-%d-%s"
                    .formatted(
                            blockId,
                            instance.instanceId(),
                            instance.generation(),
                            Observation.DRAINED);
        }
    }

    static DrainReporter start(
            Blocks blocks, LogWriter commands, Clock clock, String executorId, Kafka kafka) {
        DrainReporter reporter =
                new DrainReporter(
                        blocks, commands, clock, executorId, new OtherExecutors(kafka, executorId));
        reporter.thread.start();
        return reporter;
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (others) {
            while (true) {
                look();
                Thread.sleep(LOOK_EVERY);
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void look() throws InterruptedException {
        Set<Report> due = new HashSet<>();
        for (Block block : blocks.all()) {
            for (Router.Idle idle : block.router().drained()) {
                due.add(new Report(block.id(), idle));
            }
        }
        reported.keySet().retainAll(due);
        Instant now = clock.instant();
        others.listen(!due.isEmpty(), now);
        for (Report report : due) {
            if (!others.idle(report.blockId(), report.instance().instanceId(), now)) {
                continue;
            }
            Instant last = reported.get(report);
            if (last == null || Duration.between(last, now).compareTo(REPEAT_AFTER) >= 0) {
                reported.put(report, now);
                send(report, now);
            }
        }
    }

    private void send(Report report, Instant now) {
        ReportInstance command =
                new ReportInstance(
                        report.blockId(),
                        report.instance().instanceId(),
                        report.instance().generation(),
                        Observation.DRAINED,
                        null,
                        null,
                        null);
        LOG.atInfo()
                .addKeyValue("blockId", report.blockId())
                .addKeyValue("instanceId", report.instance().instanceId())
                .log("instance is drained");
        var _ =
                commands.append(
                                new Envelope<>(
                                        report.id(),
                                        source,
                                        now.toEpochMilli(),
                                        null,
                                        null,
                                        command))
                        .exceptionally(error -> {
                            LOG.atWarn()
                                    .addKeyValue("reportId", report.id())
                                    .addKeyValue("error", error.toString())
                                    .log("report not written, will be again");
                            return null;
                        });
    }
}

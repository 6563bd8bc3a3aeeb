package io.blockplane.replay;

import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyEvent.ArchiveStored;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.events.WindowClosed.InstanceWindow;
import io.blockplane.events.WindowStats;
import io.blockplane.events.WindowStats.Rolling;
import io.blockplane.log.RecordCodec;
import io.blockplane.policy.AutoscalerContract;
import io.blockplane.policy.Metrics;
import io.blockplane.policy.MetricsSource;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.PolicyLine;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.windows.MetricsDocument;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * An exported log that nobody lived through: the windows are made up (a day of load that rises and
 * falls, with noise from a seed), the decisions on them are real ones, made by the policy as the
 * runner would have it make them.
 */
public final class MadeLog {

    /** Event time between two decisions of a block, as the runner's default. */
    private static final long INTERVAL_MS = 30_000;

    private static final long START_MS = 1_700_000_000_000L;
    private static final int MAX_INSTANCES = 6;
    private static final double DAY_INTERVALS = 2_880;

    private final Shape shape;
    private final PolicyArchive archive;
    private final Spool spool;
    private final List<Long> decisions = new ArrayList<>();
    private final List<Long> windows = new ArrayList<>();

    /** How much: decisions altogether, and blocks that they are spread over. */
    public record Shape(int decisions, int blocks, long seed) {}

    private MadeLog(Shape shape, PolicyArchive archive, Spool spool) {
        this.shape = shape;
        this.archive = archive;
        this.spool = spool;
    }

    /** Writes one; the policy is an autoscaler. */
    public static void write(Path file, PolicyEngine engine, PolicyArchive archive, Shape shape)
            throws IOException {
        try (Spool spool = new Spool()) {
            MadeLog log = new MadeLog(shape, archive, spool);
            for (int block = 0; block < shape.blocks; block++) {
                log.live(engine, block);
            }
            spool.seal();
            log.write(file);
        }
    }

    private void live(PolicyEngine engine, int block) {
        String blockId = "block-" + block;
        SplittableRandom random = new SplittableRandom(shape.seed + block);
        PolicyAssignment assignment =
                PolicyAssignment.of(
                        engine,
                        blockId,
                        Kind.SCALE,
                        null,
                        "token-autoscaler:1.0.0-stable",
                        archive,
                        Json.parse("{\"cooldown_seconds\":120,\"high\":500,\"low\":100}"),
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT);
        try (PolicyLine line = PolicyLine.start(engine, assignment, PolicyLimits.PATIENT)) {
            int made = 0;
            int instances = 1;
            for (long i = 0; made < shape.decisions / shape.blocks; i++) {
                List<String> ids = ids(instances);
                WindowClosed window =
                        window(blockId, START_MS + i * INTERVAL_MS, ids, load(i, block), random);
                windows.add(put(block, windows.size(), windowEnvelope(window)));
                Metrics metrics =
                        new Metrics(
                                WindowClosed.id(blockId, window.asOfMs()),
                                MetricsDocument.of(window));
                MetricsSource source = () -> metrics;
                for (PolicyDecided decided :
                        line.eval(window.asOfMs(), input(blockId, ids), source)) {
                    decisions.add(put(block, decisions.size(), decisionEnvelope(decided, window)));
                    instances = after(instances, decided);
                    made++;
                }
            }
        }
    }

    private static int after(int instances, PolicyDecided decided) {
        return switch (decided.action().operation()) {
            case NONE -> instances;
            case UPSCALE -> Math.min(MAX_INSTANCES, instances + decided.action().count());
            case DOWNSCALE -> Math.max(1, instances - decided.action().instanceIds().size());
        };
    }

    /** Tokens a minute of the whole block. */
    private static double load(long interval, int block) {
        double day = Math.sin(2 * Math.PI * (interval / DAY_INTERVALS + block / 8.0));
        return 1_200 + 1_100 * day;
    }

    private static WindowClosed window(
            String blockId, long asOfMs, List<String> ids, double load, SplittableRandom random) {
        List<InstanceWindow> each = new ArrayList<>();
        for (String id : ids) {
            double share = load / ids.size() * random.nextDouble(0.8, 1.2);
            each.add(new InstanceWindow(id, stats(share, random)));
        }
        return new WindowClosed(blockId, asOfMs, 0, 0, 0, stats(load, random), each);
    }

    private static WindowStats stats(double tokens, SplittableRandom random) {
        double tasks = Math.rint(tokens / 60);
        double seconds = random.nextDouble(0.1, 2.0);
        return new WindowStats(
                rolling(tasks, random),
                rolling(tasks / 60, random),
                rolling(0, random),
                rolling(seconds, random),
                rolling(seconds * 0.9, random),
                rolling(seconds * 2, random),
                rolling(seconds * 3, random),
                rolling(seconds / 10, random),
                rolling(seconds * 0.8, random),
                rolling(tokens, random),
                rolling(tokens / 2, random),
                rolling(Math.rint(seconds * 4), random));
    }

    private static Rolling rolling(double about, SplittableRandom random) {
        return new Rolling(
                about * random.nextDouble(0.9, 1.1),
                about,
                about * random.nextDouble(0.95, 1.05),
                about * random.nextDouble(0.98, 1.02));
    }

    private static List<String> ids(int instances) {
        List<String> ids = new ArrayList<>();
        for (int i = 1; i <= instances; i++) {
            ids.add("in-" + i);
        }
        return ids;
    }

    private static Json input(String blockId, List<String> ids) {
        return AutoscalerContract.input(
                Json.parse(
                        "{\"id\":\"%s\",\"componentUri\":\"builtin:llm-sim\",\"minInstances\":1,\"maxInstances\":6}"
                                .formatted(blockId)),
                Json.EMPTY_OBJECT,
                ids);
    }

    private static Envelope<WindowClosed> windowEnvelope(WindowClosed window) {
        return new Envelope<>(
                WindowClosed.id(window.blockId(), window.asOfMs()),
                "/windows",
                window.asOfMs(),
                null,
                "tick-" + window.blockId() + "-" + window.asOfMs(),
                window);
    }

    private static Envelope<PolicyDecided> decisionEnvelope(
            PolicyDecided decided, WindowClosed window) {
        return new Envelope<>(
                decided.id(),
                "/policy-runner/made",
                decided.logicalTimeMs(),
                null,
                WindowClosed.id(window.blockId(), window.asOfMs()),
                decided);
    }

    private long put(int partition, long offset, Envelope<? extends Event> envelope) {
        return spool.add(placed(partition, offset, envelope));
    }

    private static ConsumerRecord<String, byte[]> placed(
            int partition, long offset, Envelope<? extends Event> envelope) {
        ProducerRecord<String, byte[]> record = RecordCodec.encode(envelope);
        ConsumerRecord<String, byte[]> placed =
                new ConsumerRecord<>(
                        record.topic(), partition, offset, record.key(), record.value());
        record.headers().forEach(placed.headers()::add);
        return placed;
    }

    private void write(Path file) throws IOException {
        Provenance provenance =
                new Provenance(
                        Provenance.TOOL + ", made up with seed " + shape.seed,
                        Instant.now().toString(),
                        null,
                        null,
                        null,
                        null,
                        List.of(),
                        List.of(),
                        List.of());
        try (ExportWriter writer = new ExportWriter(file, provenance)) {
            writer.schemas();
            for (Topic topic : ExportWriter.TOPICS) {
                writer.begin(topic);
                switch (topic) {
                    case POLICIES -> writer.write(placed(0, 0, stored(archive)));
                    case DECISIONS -> copy(decisions, writer);
                    case WINDOWS -> copy(windows, writer);
                    case INBOX, OUTPUTS, TASKS, PROBES, COMMANDS, EVENTS, DEAD_LETTERS -> {}
                }
                writer.end();
            }
            writer.finish();
        }
    }

    private void copy(List<Long> places, ExportWriter writer) throws IOException {
        for (long place : places) {
            writer.write(spool.read(place));
        }
    }

    private static Envelope<ArchiveStored> stored(PolicyArchive archive) {
        return new Envelope<>(
                "archive-" + archive.sha256(),
                "/control-plane/made",
                START_MS,
                null,
                null,
                new ArchiveStored(
                        archive.sha256(),
                        archive.sizeBytes(),
                        Base64.getEncoder().encodeToString(archive.content())));
    }
}

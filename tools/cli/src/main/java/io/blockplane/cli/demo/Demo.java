package io.blockplane.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.cli.client.ApiClient;
import io.blockplane.cli.client.Endpoints;
import io.blockplane.cli.client.InferenceClient;
import io.blockplane.cli.client.PolicyPublisher;
import io.blockplane.cli.system.BlockplaneSystem;
import io.blockplane.cli.system.SystemConfig;
import io.blockplane.events.Topic;
import io.blockplane.load.LoadClient;
import io.blockplane.load.LoadReport;
import io.blockplane.load.LoadRun;
import io.blockplane.load.Packets;
import io.blockplane.load.Payload;
import io.blockplane.load.RateSchedule;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogTail;
import io.blockplane.replay.VerifyReport;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The story: a block is made, traffic comes, its policy scales it up; traffic ends, the policy
 * scales it down; then every decision is executed again. Each step waits for what it tells to stand
 * in the log, and a step that does not come true in its time ends the demo with a {@link Failed}.
 */
public final class Demo {

    private static final int WORDS_A_TEXT = 12;

    /** What did not come true. */
    public static final class Failed extends Exception {
        Failed(String message) {
            super(message);
        }
    }

    private final DemoScript script;
    private final @Nullable String bootstrapServers;
    private final PrintStream out;
    private final Storyline story = new Storyline();
    private long startNanos;

    /**
     * Prepares.
     *
     * @param bootstrapServers an empty cluster to use; null starts a broker of our own
     */
    public Demo(DemoScript script, @Nullable String bootstrapServers, PrintStream out) {
        this.script = script;
        this.bootstrapServers = bootstrapServers;
        this.out = out;
    }

    /** Runs all of it; the system's data is in a folder that the caller removes. */
    public void run(Path dataDir) throws IOException, InterruptedException, Failed {
        startNanos = System.nanoTime();
        List<ProcessHandle> processes;
        Endpoints endpoints;
        chapter(1, "Start: a Kafka broker, the control plane, the policy runner, the executor");
        try (BlockplaneSystem system =
                BlockplaneSystem.start(
                        SystemConfig.onFreePorts(dataDir, bootstrapServers),
                        line -> say("  " + line))) {
            endpoints = system.endpoints();
            Kafka kafka = new Kafka(endpoints.bootstrapServers());
            tell(endpoints, kafka);
            proof(kafka);
            processes = ProcessHandle.current().descendants().toList();
        }
        chapter(7, "Stop");
        check(processes.stream().noneMatch(ProcessHandle::isAlive), "a process is left");
        check(!listens(endpoints.grpc()), "somebody listens on " + endpoints.grpc());
        check(
                !listens(URI.create(endpoints.rest()).getAuthority()),
                "somebody listens on " + endpoints.rest());
        check(
                bootstrapServers != null || !listens(endpoints.bootstrapServers()),
                "somebody listens on " + endpoints.bootstrapServers());
        say("  no process and no port is left");
    }

    private void tell(Endpoints endpoints, Kafka kafka)
            throws IOException, InterruptedException, Failed {
        try (LogTail windows = LogTail.start(kafka, Topic.WINDOWS, "demo", story::onWindow);
                LogTail decisions =
                        LogTail.start(kafka, Topic.DECISIONS, "demo", story::onDecision);
                LogTail events = LogTail.start(kafka, Topic.EVENTS, "demo", story::onBlockEvent)) {
            windows.awaitCaughtUp();
            decisions.awaitCaughtUp();
            events.awaitCaughtUp();
            create(endpoints);
            traffic(endpoints);
            quiet();
            reaction();
        }
    }

    private static boolean listens(String hostAndPort) throws IOException {
        int colon = hostAndPort.lastIndexOf(':');
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(
                            hostAndPort.substring(0, colon),
                            Integer.parseInt(hostAndPort.substring(colon + 1))),
                    1000);
            return true;
        } catch (ConnectException e) {
            return false;
        }
    }

    private void create(Endpoints endpoints) throws IOException, InterruptedException, Failed {
        chapter(2, "Create: a policy, and a block that it scales");
        try (ApiClient api = new ApiClient(endpoints.rest())) {
            JsonNode policy = PolicyPublisher.publish(api, script.policyFolder(), "1.0", "stable");
            say(
                    "  policy  %s, sha256 %s…"
                            .formatted(
                                    policy.path("uri").asText(),
                                    policy.path("sha256").asText().substring(0, 12)));
            api.createBlock(script.specification());
            ObjectNode block = (ObjectNode) api.block(DemoScript.BLOCK);
            say(
                    "  block   %s runs %s, %d to %d instances"
                            .formatted(
                                    DemoScript.BLOCK,
                                    block.path("componentUri").asText(),
                                    block.path("minInstances").asInt(),
                                    block.path("maxInstances").asInt()));
        }
        await("the first instance to serve", Duration.ofSeconds(90), () -> story.serving() >= 1);
        try (InferenceClient client = new InferenceClient(endpoints.grpc(), DemoScript.BLOCK)) {
            Similarity.show(client, this::say);
        }
    }

    private void traffic(Endpoints endpoints) throws InterruptedException, Failed {
        chapter(
                3,
                "Traffic: %.0f requests a second, %d sentences each, until the block has %d instances"
                        .formatted(script.ratePerSecond(), script.texts(), script.peakInstances()));
        AtomicReference<@Nullable LoadReport> sent = new AtomicReference<>();
        try (LoadClient client =
                new LoadClient(endpoints.grpc(), DemoScript.BLOCK, LoadClient.Method.INFER, 1)) {
            LoadRun generator =
                    new LoadRun(
                            client,
                            new Packets("demo", 16, Payload.TEXTS),
                            LoadRun.Settings.DEFAULT);
            Thread load = Thread.ofPlatform().name("demo-load").start(() -> send(generator, sent));
            try {
                await(
                        script.peakInstances() + " instances to serve",
                        script.trafficLimit(),
                        () -> story.serving() >= script.peakInstances());
            } finally {
                generator.stop();
                load.join();
            }
        }
        LoadReport result = sent.get();
        if (result == null || result.failed() > 0) {
            throw new Failed("requests failed: " + (result == null ? "all" : result.errors()));
        }
        say(
                "  %,d packets accepted, p99 %.1f ms until durable"
                        .formatted(
                                result.answered(),
                                result.latency().getValueAtPercentile(99) / 1e6));
    }

    private void send(LoadRun generator, AtomicReference<@Nullable LoadReport> sent) {
        try {
            sent.set(
                    generator.open(
                            RateSchedule.steady(
                                    script.ratePerSecond(),
                                    script.trafficLimit(),
                                    script.texts() * WORDS_A_TEXT)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void quiet() throws InterruptedException, Failed {
        chapter(4, "Quiet: no traffic; the last minute empties and the policy lets instances go");
        await(
                "the block to be back at one instance",
                script.quietLimit(),
                () -> story.serving() == 1 && story.stopped() == story.peakInstances() - 1);
    }

    private void reaction() throws Failed {
        chapter(5, "Reaction: from the window that crossed the threshold to the scale-up applied");
        List<Long> reactions = story.reactionMs();
        say("  " + reactions + " ms");
        check(!reactions.isEmpty(), "no scale-up was seen");
        check(reactions.stream().allMatch(ms -> ms < 1000), "a reaction took a second or more");
    }

    private void proof(Kafka kafka) throws IOException, Failed {
        chapter(6, "Proof: the first scale-up explained, and every decision executed again");
        String decisionId = story.firstActingDecision();
        if (decisionId == null) {
            throw new Failed("no decision asked for a change");
        }
        Proof.explain(kafka, decisionId).lines().forEach(line -> say("  " + line));
        VerifyReport report = Proof.verify(kafka, line -> say("  " + line));
        report.findings().forEach(finding -> say("  " + finding.text()));
        say("  " + report.summary());
        check(
                report.holds() && report.cutShort() == 0,
                "the log does not hold: " + report.summary());
    }

    private void await(String what, Duration limit, BooleanSupplier done)
            throws InterruptedException, Failed {
        long start = System.nanoTime();
        long nextLine = start;
        while (!done.getAsBoolean()) {
            story.takeNews().forEach(this::news);
            long now = System.nanoTime();
            if (now >= nextLine) {
                progress(now);
                nextLine = now + 2_000_000_000L;
            }
            if (now - start > limit.toNanos()) {
                throw new Failed("waited " + limit.toSeconds() + " s in vain for " + what);
            }
            Thread.sleep(50);
        }
        story.takeNews().forEach(this::news);
        progress(System.nanoTime());
    }

    private void progress(long nowNanos) {
        int serving = story.serving();
        double perMinute = story.tokensPerMinute();
        say(
                "  %5.1f s  %-4s  %,8.0f tokens/min  %,7.0f an instance  %d decisions"
                        .formatted(
                                (nowNanos - startNanos) / 1e9,
                                "■".repeat(serving),
                                perMinute,
                                perMinute / Math.max(1, serving),
                                story.decisions()));
    }

    private void news(String line) {
        say("             > " + line);
    }

    private void chapter(int number, String title) {
        say("");
        say(number + "  " + title);
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    private static void check(boolean condition, String otherwise) throws Failed {
        if (!condition) {
            throw new Failed(otherwise);
        }
    }
}

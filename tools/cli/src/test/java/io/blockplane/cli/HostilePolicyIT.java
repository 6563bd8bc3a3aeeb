package io.blockplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.BlockEvent.PolicyQuarantined;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogScan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Policies that do the worst to their process, on a running system, beside a block that has nothing
 * to do with them.
 */
class HostilePolicyIT {

    private static final String CALM =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.calls = 0

                def eval(self, parameters, input_data, context):
                    self.calls += 1
                    return {"skip": True, "reason": "call %d" % self.calls}
            """;

    private static final Map<String, String> HOSTILE =
            new TreeMap<>(
                    Map.of(
                            "endless", "        while True: pass",
                            // Nothing can interrupt this one: its thread is lost.
                            "stuck", "        import itertools; min(itertools.count())",
                            "greedy",
                                    "        x = []\n        while True: x.append('y' * 100000)"));

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int SECONDS = 12;

    @TempDir Path folder;

    @Test
    void holdUpNeitherTrafficNorDecisionsOfAnotherBlockAndAreQuarantined() throws Exception {
        Path data = folder.resolve("data");
        try (UpProcess up = UpProcess.start(data)) {
            Kafka kafka = new Kafka(up.endpoints().bootstrapServers());
            push("calm", CALM, data);
            create("calm", 1, data);
            Awaitility.await()
                    .atMost(LIMIT)
                    .until(() -> run("block", "list", "--data=" + data).contains("READY"));
            load(data);
            int quiet = evaluations(kafka, "calm").size();
            HOSTILE.forEach((name, body) -> {
                push(name, CALM.replace("        self.calls += 1", body), data);
                create(name, 0, data);
            });
            load(data);
            int beside = evaluations(kafka, "calm").size() - quiet;
            // A runner that one of them wore out was replaced meanwhile, which costs a second or
            // two.
            assertThat(beside).as("decisions in at least %d s", SECONDS).isGreaterThan(SECONDS / 2);
            Awaitility.await()
                    .atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThat(quarantined(kafka)).isEqualTo(HOSTILE.keySet()));
            assertThat(run("replay", "verify", "--data=" + data)).contains("chain intact");
        }
    }

    /** No request of these may fail. */
    private static void load(Path data) {
        String told = run("load", "calm", "--rate=10", "--seconds=" + SECONDS, "--data=" + data);
        assertThat(told).contains(" 0 failed").doesNotContainPattern(" [1-9][0-9]* failed");
    }

    private void push(String name, String source, Path data) {
        try {
            Path code = folder.resolve(name).resolve("code");
            Files.createDirectories(code);
            Files.writeString(code.resolve("function.py"), source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run("policy", "push", folder.resolve(name).toString(), "--data=" + data);
    }

    private void create(String name, int instances, Path data) {
        Path file = folder.resolve(name + ".json");
        try {
            Files.writeString(
                    file,
                    """
                    {"head": {"templateUri": "Parser/V1"}, "body": {"spec": {"values": {
                      "blockId": "%s", "blockComponentURI": "builtin:embedding",
                      "minInstances": %d, "maxInstances": 1,
                      "policyRulesSpec": [{"values": {"name": "autoscaler",
                        "policyRuleURI": "%s:1.0-stable", "parameters": {},
                        "settings": {"intervalSeconds": 1}}}]}}}}
                    """
                            .formatted(name, instances, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run("block", "create", file.toString(), "--data=" + data);
    }

    private static String run(String... args) {
        CommandLineRun run = CommandLineRun.of(args);
        assertThat(run.exitCode()).as(run.output()).isZero();
        return run.output();
    }

    /** Logical times. */
    private static Set<Long> evaluations(Kafka kafka, String blockId) {
        Set<Long> times = new TreeSet<>();
        LogScan.events(
                kafka,
                Topic.DECISIONS,
                record -> {
                    if (record.event() instanceof PolicyDecided decided
                            && decided.blockId().equals(blockId)
                            && decided.call() == Call.EVAL) {
                        times.add(decided.logicalTimeMs());
                    }
                });
        return times;
    }

    private static Set<String> quarantined(Kafka kafka) {
        Set<String> blocks = new TreeSet<>();
        LogScan.events(
                kafka,
                Topic.EVENTS,
                record -> {
                    if (record.event() instanceof PolicyQuarantined quarantined) {
                        blocks.add(quarantined.blockId());
                    }
                });
        return blocks;
    }
}

package io.blockplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.cli.demo.Demo;
import io.blockplane.cli.demo.DemoScript;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.kafka.KafkaContainer;

/**
 * The whole house, in short: a real broker, real processes, a real model, a real policy. {@code
 * -Dkafka.test=host:port} runs it on an empty cluster that you have, {@code -Dkafka.test=container}
 * on one in Docker.
 */
class DemoIT {

    private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();

    @TempDir Path dataDir;

    @Test
    void aBlockScalesItselfUpAndDownAndEveryDecisionIsExecutedAgain() throws Exception {
        String where = System.getProperty("kafka.test", "embedded");
        tellTheStory(where.contains(":") ? where : null);
    }

    @Test
    @EnabledIfSystemProperty(named = "kafka.test", matches = "container")
    void theSameOnAKafkaContainer() throws Exception {
        try (KafkaContainer container = new KafkaContainer("apache/kafka-native:4.3.1")) {
            container.start();
            tellTheStory(container.getBootstrapServers());
        }
    }

    private void tellTheStory(@Nullable String bootstrapServers) throws Exception {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        List<Long> before = children();
        try {
            new Demo(
                            DemoScript.brief(ROOT),
                            bootstrapServers,
                            new PrintStream(told, true, StandardCharsets.UTF_8))
                    .run(dataDir);
        } finally {
            System.out.println(told.toString(StandardCharsets.UTF_8));
        }
        String story = told.toString(StandardCharsets.UTF_8);
        assertThat(story)
                .containsPattern("applied: 1 -> 2 instances")
                .containsPattern("applied: 2 -> 1 instances")
                .containsPattern("<- command +cmd-dec-embedding-scale-\\d+: upscale 1")
                .containsPattern("(\\d+) decisions, \\1 identical, chain intact");
        assertThat(children()).as("processes left").isEqualTo(before);
    }

    private static List<Long> children() {
        return ProcessHandle.current().descendants().map(ProcessHandle::pid).sorted().toList();
    }
}

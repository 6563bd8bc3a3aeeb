package io.blockplane.control.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blockplane.control.core.Instance;
import io.blockplane.control.core.Instance.Phase;
import io.blockplane.events.BlockEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The driver against the core itself, its commands decided in memory, with real processes. */
class ProcessDriverIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> SMALL_JVM =
            List.of("-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    @TempDir Path logs;

    private final DecidedBlock block = new DecidedBlock();

    @Test
    void runsWhatIsToBeAndSaysWhatItSees() throws Exception {
        try (ProcessDriver driver = driver(Duration.ofMinutes(5))) {
            block.create("test", "{\"speed\":10,\"storePredictions\":true}", 2);
            block.start(driver);
            await().atMost(LIMIT)
                    .until(() -> block.phases().equals(List.of(Phase.READY, Phase.READY)));

            Instance first = block.instances().getFirst();
            pidOf(first).destroyForcibly();
            await().atMost(LIMIT)
                    .until(() ->
                            block.first(Phase.READY).filter(i -> i.generation() == 2).isPresent());
            assertThat(block.events())
                    .filteredOn(BlockEvent.InstanceLost.class::isInstance)
                    .singleElement()
                    .extracting(e -> ((BlockEvent.InstanceLost) e).exitCode())
                    .isEqualTo(137);

            block.remove(first);
            driver.desiredChanged();
            Thread.sleep(500);
            assertThat(block.first(Phase.DRAINING)).as("it waits for the drain").isPresent();
            block.drained(block.first(Phase.DRAINING).orElseThrow());
            driver.desiredChanged();
            await().atMost(LIMIT).until(() -> block.phases().equals(List.of(Phase.READY)));
            assertThat(Files.readString(logs.resolve("b-" + first.instanceId() + ".log")))
                    .contains("--- generation 1, pid", "--- generation 2, pid")
                    .contains("starting with --block b --instance " + first.instanceId())
                    .as("the executor's setting is none of the instance")
                    .contains("--settings {\"speed\":10}\n");
        }
        assertThat(children()).as("nothing outlives the driver").isEmpty();
    }

    @Test
    void stopsAnInstanceThatDoesNotDrainInTime() {
        try (ProcessDriver driver = driver(Duration.ofMillis(300))) {
            block.create("test", "{}", 1);
            block.start(driver);
            await().atMost(LIMIT).until(() -> block.phases().equals(List.of(Phase.READY)));
            block.remove(block.instances().getFirst());
            await().atMost(LIMIT).until(() -> block.instances().isEmpty());
        }
    }

    @Test
    void reportsAnInstanceThatNobodyRunsAndRunsItAgain() {
        block.create("test", "{}", 1);
        try (ProcessDriver before = driver(Duration.ofMinutes(5))) {
            block.start(before);
            await().atMost(LIMIT).until(() -> block.phases().equals(List.of(Phase.READY)));
        }
        assertThat(block.phases())
                .as("a driver that closes says nothing")
                .containsExactly(Phase.READY);
        try (ProcessDriver after = driver(Duration.ofMinutes(5))) {
            block.start(after);
            await().atMost(LIMIT)
                    .until(() ->
                            block.first(Phase.READY).filter(i -> i.generation() == 2).isPresent());
        }
    }

    @Test
    void saysWhyAnInstanceCannotRun() {
        try (ProcessDriver driver = driver(Duration.ofMinutes(5))) {
            block.create("broken", "{}", 1);
            block.start(driver);
            await().atMost(LIMIT).until(() -> block.lost().size() >= 2);
            assertThat(block.lost().getFirst().detail()).isEqualTo("exit code 3");
        }
    }

    @Test
    void saysWhenItDoesNotKnowTheComponent() {
        try (ProcessDriver driver = driver(Duration.ofMinutes(5))) {
            block.create("unheard-of", "{}", 1);
            block.start(driver);
            await().atMost(LIMIT).until(() -> !block.lost().isEmpty());
            assertThat(block.lost().getFirst().detail()).startsWith("componentUri: unheard-of");
        }
    }

    private ProcessDriver driver(Duration drainLimit) {
        return new ProcessDriver(
                new ProcessDriver.Config(
                        Map.of(
                                "test", TestInstance.class.getName(),
                                "broken", TestInstance.Broken.class.getName()),
                        SMALL_JVM,
                        logs,
                        drainLimit),
                () -> "http://127.0.0.1:1");
    }

    private static ProcessHandle pidOf(Instance instance) {
        return children().stream()
                .filter(p -> commandLine(p).contains(instance.instanceId()))
                .findFirst()
                .orElseThrow();
    }

    /** The instances among this JVM's children. */
    private static List<ProcessHandle> children() {
        return ProcessHandle.current()
                .children()
                .filter(p -> commandLine(p).contains(TestInstance.class.getName()))
                .toList();
    }

    private static String commandLine(ProcessHandle process) {
        return String.join(" ", process.info().arguments().orElse(new String[0]));
    }
}

package io.blockplane.control.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blockplane.control.core.BlockDecider;
import io.blockplane.control.core.BlockReplay;
import io.blockplane.control.core.BlockState;
import io.blockplane.control.core.Facts;
import io.blockplane.control.core.Instance;
import io.blockplane.control.core.Instance.Phase;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.Command;
import io.blockplane.events.Command.CreateBlock;
import io.blockplane.events.Command.Observation;
import io.blockplane.events.Command.ReportInstance;
import io.blockplane.events.Command.ScaleBlock;
import io.blockplane.events.Envelope;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Operation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The driver against the core itself, its commands decided in memory, with real processes. */
class ProcessDriverIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> SMALL_JVM =
            List.of("-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    @TempDir Path logs;

    private final List<BlockEvent> events = new ArrayList<>();
    private BlockState state = BlockState.absent();
    private int commands;

    @Test
    void runsWhatIsToBeAndSaysWhatItSees() throws Exception {
        try (ProcessDriver driver = driver(Duration.ofMinutes(5))) {
            create("test", 2);
            start(driver);
            await().atMost(LIMIT).until(() -> phases().equals(List.of(Phase.READY, Phase.READY)));

            Instance first = instances().getFirst();
            pidOf(first).destroyForcibly();
            await().atMost(LIMIT)
                    .until(() -> first(Phase.READY).filter(i -> i.generation() == 2).isPresent());
            assertThat(events)
                    .filteredOn(BlockEvent.InstanceLost.class::isInstance)
                    .singleElement()
                    .extracting(e -> ((BlockEvent.InstanceLost) e).exitCode())
                    .isEqualTo(137);

            decide(new ScaleBlock("b", Operation.DOWNSCALE, 0, List.of(first.instanceId()), null));
            driver.desiredChanged();
            Thread.sleep(500);
            assertThat(first(Phase.DRAINING)).as("it waits for the drain").isPresent();
            decide(
                    new ReportInstance(
                            "b", first.instanceId(), 2, Observation.DRAINED, null, null, null));
            driver.desiredChanged();
            await().atMost(LIMIT).until(() -> phases().equals(List.of(Phase.READY)));
            assertThat(Files.readString(logs.resolve("b-" + first.instanceId() + ".log")))
                    .contains("--- generation 1, pid", "--- generation 2, pid")
                    .contains("starting with --block b --instance " + first.instanceId());
        }
        assertThat(children()).as("nothing outlives the driver").isEmpty();
    }

    @Test
    void stopsAnInstanceThatDoesNotDrainInTime() {
        try (ProcessDriver driver = driver(Duration.ofMillis(300))) {
            create("test", 1);
            start(driver);
            await().atMost(LIMIT).until(() -> phases().equals(List.of(Phase.READY)));
            decide(
                    new ScaleBlock(
                            "b",
                            Operation.DOWNSCALE,
                            0,
                            List.of(instances().getFirst().instanceId()),
                            null));
            await().atMost(LIMIT).until(() -> instances().isEmpty());
        }
    }

    @Test
    void reportsAnInstanceThatNobodyRunsAndRunsItAgain() {
        create("test", 1);
        try (ProcessDriver before = driver(Duration.ofMinutes(5))) {
            start(before);
            await().atMost(LIMIT).until(() -> phases().equals(List.of(Phase.READY)));
        }
        assertThat(phases()).as("a driver that closes says nothing").containsExactly(Phase.READY);
        try (ProcessDriver after = driver(Duration.ofMinutes(5))) {
            start(after);
            await().atMost(LIMIT)
                    .until(() -> first(Phase.READY).filter(i -> i.generation() == 2).isPresent());
        }
    }

    @Test
    void saysWhyAnInstanceCannotRun() {
        try (ProcessDriver driver = driver(Duration.ofMinutes(5))) {
            create("broken", 1);
            start(driver);
            await().atMost(LIMIT).until(() -> lost().size() >= 2);
            assertThat(lost().getFirst().detail()).isEqualTo("exit code 3");
        }
    }

    @Test
    void saysWhenItDoesNotKnowTheComponent() {
        try (ProcessDriver driver = driver(Duration.ofMinutes(5))) {
            create("unheard-of", 1);
            start(driver);
            await().atMost(LIMIT).until(() -> !lost().isEmpty());
            assertThat(lost().getFirst().detail()).startsWith("componentUri: unheard-of");
        }
    }

    private void create(String component, int instances) {
        decide(new CreateBlock(spec(component)));
        decide(new ScaleBlock("b", Operation.UPSCALE, instances, List.of(), null));
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

    private void start(ProcessDriver driver) {
        driver.start(
                this::desired,
                report -> {
                    decide(report);
                    driver.desiredChanged();
                    return CompletableFuture.completedFuture(null);
                });
    }

    private synchronized void decide(Command command) {
        Envelope<Command> envelope =
                new Envelope<>("cmd-" + commands++, "/test", 0, null, null, command);
        for (Envelope<BlockEvent> fact :
                Facts.of(state, envelope, BlockDecider.decide(state, envelope), "/test")) {
            state = BlockReplay.replay(state, fact);
            events.add(fact.event());
        }
    }

    private synchronized List<DesiredInstance> desired() {
        return state instanceof BlockState.Present block ? DesiredInstance.of(block) : List.of();
    }

    private synchronized List<Instance> instances() {
        return state instanceof BlockState.Present block ? block.instances() : List.of();
    }

    private List<Phase> phases() {
        return instances().stream().map(Instance::phase).toList();
    }

    private java.util.Optional<Instance> first(Phase phase) {
        return instances().stream().filter(i -> i.ordinal() == 1 && i.phase() == phase).findFirst();
    }

    private synchronized List<BlockEvent.InstanceLost> lost() {
        return events.stream()
                .filter(BlockEvent.InstanceLost.class::isInstance)
                .map(BlockEvent.InstanceLost.class::cast)
                .toList();
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

    private static BlockSpec spec(String component) {
        return new BlockSpec(
                "b",
                component,
                0,
                3,
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                new TreeMap<>());
    }
}

package io.blockplane.control.driver;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Block {@code b}, its commands and a driver's reports decided by the core in memory. */
final class DecidedBlock {

    private final List<BlockEvent> events = new ArrayList<>();
    private BlockState state = BlockState.absent();
    private int commands;

    void create(String component, String initSettings, int instances) {
        decide(
                new CreateBlock(
                        new BlockSpec(
                                "b",
                                component,
                                0,
                                3,
                                Json.EMPTY_OBJECT,
                                Json.parse(initSettings),
                                Json.EMPTY_OBJECT,
                                new TreeMap<>())));
        scaleUp(instances);
    }

    void scaleUp(int instances) {
        decide(new ScaleBlock("b", Operation.UPSCALE, instances, List.of(), null));
    }

    void remove(Instance instance) {
        decide(new ScaleBlock("b", Operation.DOWNSCALE, 0, List.of(instance.instanceId()), null));
    }

    /** As the executor says it. */
    void drained(Instance instance) {
        decide(
                new ReportInstance(
                        "b",
                        instance.instanceId(),
                        instance.generation(),
                        Observation.DRAINED,
                        null,
                        null,
                        null));
    }

    void start(InstanceDriver driver) {
        driver.start(
                this::desired,
                report -> {
                    decide(report);
                    driver.desiredChanged();
                    return CompletableFuture.completedFuture(null);
                });
    }

    synchronized void decide(Command command) {
        Envelope<Command> envelope =
                new Envelope<>("cmd-" + commands++, "/test", 0, null, null, command);
        for (Envelope<BlockEvent> fact :
                Facts.of(state, envelope, BlockDecider.decide(state, envelope), "/test")) {
            state = BlockReplay.replay(state, fact);
            events.add(fact.event());
        }
    }

    synchronized List<BlockEvent> events() {
        return List.copyOf(events);
    }

    synchronized List<Instance> instances() {
        return state instanceof BlockState.Present block ? block.instances() : List.of();
    }

    List<Phase> phases() {
        return instances().stream().map(Instance::phase).toList();
    }

    /** The first instance, when it is in this phase. */
    Optional<Instance> first(Phase phase) {
        return instances().stream().filter(i -> i.ordinal() == 1 && i.phase() == phase).findFirst();
    }

    List<BlockEvent.InstanceLost> lost() {
        return events().stream()
                .filter(BlockEvent.InstanceLost.class::isInstance)
                .map(BlockEvent.InstanceLost.class::cast)
                .toList();
    }

    private synchronized List<DesiredInstance> desired() {
        return state instanceof BlockState.Present block ? DesiredInstance.of(block) : List.of();
    }
}

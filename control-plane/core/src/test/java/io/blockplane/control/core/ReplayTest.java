package io.blockplane.control.core;

import static io.blockplane.control.core.Given.ADDRESS;
import static io.blockplane.control.core.Given.BLOCK;
import static io.blockplane.control.core.Given.binding;
import static io.blockplane.control.core.Given.event;
import static io.blockplane.control.core.Given.instance;
import static io.blockplane.control.core.Given.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.control.core.BlockPolicy.Candidate;
import io.blockplane.control.core.Instance.Phase;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.ActivationCause;
import io.blockplane.events.Command.Stage;
import io.blockplane.events.EventType;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.Topic;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every event on every state: it changes it as this table says, or it is a bug and is thrown. */
class ReplayTest {

    private static final int NEXT = 6;

    /** These follow on any block, whatever its instances do. */
    private static final Set<Class<?>> POLICY_CHANGES =
            Set.of(
                    BlockEvent.PolicyProposed.class,
                    BlockEvent.PolicyRefused.class,
                    BlockEvent.PolicyActivated.class,
                    BlockEvent.PolicyShadowed.class,
                    BlockEvent.ShadowEnded.class,
                    BlockEvent.PolicyQuarantined.class);

    private static final SortedMap<String, BlockPolicy> POLICIES =
            new TreeMap<>(
                    Map.of(
                            "autoscaler",
                            new BlockPolicy(
                                    binding("a:1-a"),
                                    false,
                                    new Candidate(4, binding("b:1-a"), Stage.ACTIVE),
                                    null,
                                    List.of()),
                            "stabilityChecker",
                            new BlockPolicy(
                                    null,
                                    false,
                                    new Candidate(5, binding("b:1-a"), Stage.SHADOW),
                                    binding("s:1-a"),
                                    List.of())));

    /** What may follow on what: the state's name to the events and the phase that they lead to. */
    private static final Map<String, Map<Class<?>, String>> ALLOWED =
            Map.of(
                    "absent",
                    Map.of(
                            BlockEvent.BlockCreated.class, "no instance",
                            BlockEvent.CommandRefused.class, "absent"),
                    "REQUESTED",
                    Map.of(
                            BlockEvent.ScaleApplied.class, "REQUESTED",
                            BlockEvent.InstanceRequested.class, "REQUESTED",
                            BlockEvent.InstanceReady.class, "READY",
                            BlockEvent.InstanceLost.class, "REQUESTED",
                            BlockEvent.InstanceDraining.class, "DRAINING",
                            BlockEvent.CommandRefused.class, "REQUESTED"),
                    "READY",
                    Map.of(
                            BlockEvent.ScaleApplied.class, "READY",
                            BlockEvent.InstanceRequested.class, "READY",
                            BlockEvent.InstanceLost.class, "REQUESTED",
                            BlockEvent.InstanceDraining.class, "DRAINING",
                            BlockEvent.CommandRefused.class, "READY"),
                    "DRAINING",
                    Map.of(
                            BlockEvent.ScaleApplied.class, "DRAINING",
                            BlockEvent.InstanceRequested.class, "DRAINING",
                            BlockEvent.InstanceDrained.class, "DRAINED",
                            BlockEvent.InstanceStopped.class, "no instance",
                            BlockEvent.CommandRefused.class, "DRAINING"),
                    "DRAINED",
                    Map.of(
                            BlockEvent.ScaleApplied.class, "DRAINED",
                            BlockEvent.InstanceRequested.class, "DRAINED",
                            BlockEvent.InstanceStopped.class, "no instance",
                            BlockEvent.CommandRefused.class, "DRAINED"));

    @Test
    void followsTheTableForEveryStateAndEvent() {
        Set<Class<?>> visited = new HashSet<>();
        states().forEach((name, state) -> {
            for (BlockEvent event : events(state)) {
                visited.add(event.getClass());
                Map<Class<?>, String> allowed = ALLOWED.getOrDefault(name, Map.of());
                String expected =
                        POLICY_CHANGES.contains(event.getClass()) && !name.equals("absent")
                                ? name
                                : allowed.get(event.getClass());
                if (expected == null) {
                    assertThatThrownBy(() -> BlockReplay.replay(state, event(event)))
                            .as(name + " + " + event)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining(event.getClass().getSimpleName());
                } else {
                    BlockState after = BlockReplay.replay(state, event(event));
                    assertThat(nameOf(after)).as(name + " + " + event).isEqualTo(expected);
                    assertThat(after.version())
                            .isEqualTo(
                                    event instanceof BlockEvent.CommandRefused
                                            ? state.version()
                                            : state.version() + 1);
                    assertThat(after.commands().contains("cmd-" + event.version())).isTrue();
                }
            }
        });
        Set<Class<?>> ofTheTopic = new HashSet<>();
        EventType.ALL.stream()
                .filter(t -> t.topic() == Topic.EVENTS)
                .forEach(t -> ofTheTopic.add(t.record()));
        assertThat(visited).as("no event type is forgotten").isEqualTo(ofTheTopic);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, NEXT - 1, NEXT + 1})
    void stopsAtAGapInTheVersions(long version) {
        BlockState state = inPhase(Phase.READY);
        assertThatThrownBy(() ->
                        BlockReplay.replay(
                                state,
                                event(
                                        new BlockEvent.InstanceDraining(
                                                BLOCK, version, instance(1)))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("(expected: 6)");
    }

    @Test
    void stopsAtAPolicyChangeThatCannotFollow() {
        BlockState state = inPhase(Phase.READY);
        List<BlockEvent> wrong =
                List.of(
                        new BlockEvent.PolicyRefused(
                                BLOCK, NEXT, "autoscaler", 3, "b:1-a", List.of()),
                        new BlockEvent.PolicyRefused(
                                BLOCK, NEXT, "loadBalancer", 4, "b:1-a", List.of()),
                        activated("c:1-a", ActivationCause.PROPOSED, "a:1-a"),
                        activated("b:1-a", ActivationCause.PROPOSED, "x:1-a"),
                        activated("b:1-a", ActivationCause.PROPOSED, null),
                        activated("b:1-a", ActivationCause.ROLLED_BACK, "a:1-a"),
                        new BlockEvent.PolicyShadowed(
                                BLOCK, NEXT, "autoscaler", binding("b:1-a"), List.of()),
                        new BlockEvent.ShadowEnded(BLOCK, NEXT, "autoscaler", "a:1-a"),
                        new BlockEvent.ShadowEnded(BLOCK, NEXT, "stabilityChecker", "b:1-a"),
                        new BlockEvent.PolicyQuarantined(BLOCK, NEXT, "autoscaler", "b:1-a", ""));
        for (BlockEvent event : wrong) {
            assertThatThrownBy(() -> BlockReplay.replay(state, event(event)))
                    .as(event.toString())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot follow");
        }
    }

    private static BlockEvent activated(
            String uri, ActivationCause cause, @Nullable String previous) {
        return new BlockEvent.PolicyActivated(
                BLOCK, NEXT, "autoscaler", binding(uri), cause, previous, List.of());
    }

    @Test
    void stopsAtAnEventOfAnotherGeneration() {
        BlockState state = inPhase(Phase.REQUESTED);
        assertThatThrownBy(() ->
                        BlockReplay.replay(
                                state,
                                event(
                                        new BlockEvent.InstanceReady(
                                                BLOCK, NEXT, instance(1), 2, ADDRESS))))
                .hasMessageContaining("generation 1");
        assertThatThrownBy(() ->
                        BlockReplay.replay(
                                state,
                                event(
                                        new BlockEvent.InstanceLost(
                                                BLOCK, NEXT, instance(1), 3, null, null))))
                .hasMessageContaining("generation 1");
    }

    private static Map<String, BlockState> states() {
        Map<String, BlockState> states = new LinkedHashMap<>();
        states.put("absent", BlockState.absent());
        for (Phase phase : Phase.values()) {
            states.put(phase.name(), inPhase(phase));
        }
        return states;
    }

    private static BlockState inPhase(Phase phase) {
        Instance instance =
                new Instance(instance(1), 1, 1, phase, phase == Phase.REQUESTED ? null : ADDRESS);
        return new BlockState.Present(
                spec(0, 3), NEXT - 1, 1, List.of(instance), POLICIES, CommandMemory.EMPTY);
    }

    /** One event of each type, as it would follow on a state. */
    private static List<BlockEvent> events(BlockState state) {
        long next = state.version() + 1;
        return List.of(
                new BlockEvent.BlockCreated(BLOCK, next, spec(0, 3)),
                new BlockEvent.ScaleApplied(
                        BLOCK,
                        next,
                        Operation.UPSCALE,
                        1,
                        1,
                        1,
                        List.of(),
                        List.of(),
                        List.of(),
                        null),
                new BlockEvent.InstanceRequested(BLOCK, next, instance(2), 2),
                new BlockEvent.InstanceReady(BLOCK, next, instance(1), 1, ADDRESS),
                new BlockEvent.InstanceLost(BLOCK, next, instance(1), 2, 1, "crash"),
                new BlockEvent.InstanceDraining(BLOCK, next, instance(1)),
                new BlockEvent.InstanceDrained(BLOCK, next, instance(1)),
                new BlockEvent.InstanceStopped(BLOCK, next, instance(1), 0),
                new BlockEvent.PolicyProposed(
                        BLOCK, next, "autoscaler", binding("c:1-a"), Stage.ACTIVE),
                new BlockEvent.PolicyRefused(BLOCK, next, "autoscaler", 4, "b:1-a", List.of("no")),
                new BlockEvent.PolicyActivated(
                        BLOCK,
                        next,
                        "autoscaler",
                        binding("b:1-a"),
                        ActivationCause.PROPOSED,
                        "a:1-a",
                        List.of()),
                new BlockEvent.PolicyShadowed(
                        BLOCK, next, "stabilityChecker", binding("b:1-a"), List.of()),
                new BlockEvent.ShadowEnded(BLOCK, next, "stabilityChecker", "s:1-a"),
                new BlockEvent.PolicyQuarantined(BLOCK, next, "autoscaler", "a:1-a", "slow"),
                new BlockEvent.CommandRefused(
                        BLOCK, state.version(), "cmd", "INVALID", null, "no"));
    }

    /** The phase of the first instance, which is the one that the events are about. */
    private static String nameOf(BlockState state) {
        return switch (state) {
            case BlockState.Absent _ -> "absent";
            case BlockState.Present block ->
                    block.instance(instance(1)).map(i -> i.phase().name()).orElse("no instance");
        };
    }

    @Test
    void hasATableRowForEveryPhase() {
        Set<String> rows = new TreeSet<>(ALLOWED.keySet());
        rows.remove("absent");
        Set<String> phases = new TreeSet<>();
        for (Phase phase : Phase.values()) {
            phases.add(phase.name());
        }
        assertThat(rows).isEqualTo(phases);
    }
}

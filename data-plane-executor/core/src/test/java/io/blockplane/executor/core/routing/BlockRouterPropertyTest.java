package io.blockplane.executor.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Json;
import io.blockplane.executor.core.FairQueue;
import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import io.blockplane.executor.core.RoutingRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever happens, in whatever order: no task is where it may not be, none waits for a place that
 * is free, each ends once. {@code -Dseeds=} says how many.
 */
class BlockRouterPropertyTest {

    private static final int STEPS = 1_500;
    private static final int INFER_PER_INSTANCE = 2;
    private static final List<String> BALANCERS =
            List.of(
                    "builtin:least-outstanding",
                    "builtin:round-robin",
                    "builtin:power-of-two",
                    "builtin:session-affine",
                    "builtin:prequal",
                    "builtin:outstanding-tokens");

    static LongStream seeds() {
        return LongStream.range(0, Integer.getInteger("seeds", 60));
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void keepsItsBooksAndItsWord(long seed) {
        World world = new World(new SplittableRandom(seed));
        for (int step = 0; step < STEPS; step++) {
            world.step();
            world.check();
        }
        assertThat(world.ejections).as("it was no quiet life").isPositive();
    }

    /** A router, what happens to it, and what an onlooker knows of it. */
    private static final class World implements Effects<RoutedInstance, Wanting, Wanting> {

        private final SplittableRandom random;
        private final BlockRouter<RoutedInstance, Wanting, Wanting> router =
                new BlockRouter<>(INFER_PER_INSTANCE, /* picksBefore= */ 0, this);
        private final Map<String, RoutedInstance> instances = new TreeMap<>();
        private final Set<String> ejected = new HashSet<>();
        private final List<RoutedInstance> asked = new ArrayList<>();
        private final List<Place<RoutedInstance>> out = new ArrayList<>();

        /** In the order of their arrival. */
        private final List<Wanting> calls = new ArrayList<>();

        private final List<Wanting> tasks = new ArrayList<>();
        private final Map<Wanting, FairQueue.Place<Wanting>> queued = new HashMap<>();
        private int maxOutstanding;
        private int ejections;
        private long version;
        private long number;
        private long now;

        World(SplittableRandom random) {
            this.random = random;
            rule();
        }

        void step() {
            now += random.nextInt(300) * 1_000_000L;
            switch (random.nextInt(20)) {
                case 0 -> rule();
                case 1, 2 -> admit();
                case 3 -> drain();
                case 4 -> {
                    if (random.nextBoolean()) {
                        remove();
                    }
                }
                case 5, 6, 7, 8 -> call();
                case 9, 10, 11 -> task();
                case 12 -> giveUp();
                case 13 -> move();
                case 14 -> router.tick(now);
                case 15 -> probed();
                default -> end();
            }
        }

        private void rule() {
            String balancer = BALANCERS.get(random.nextInt(BALANCERS.size()));
            maxOutstanding = 1 + random.nextInt(4);
            Json settings =
                    Json.parse(
                            ("{\"protection\":{\"max_outstanding\":%d,\"max_queued\":%d,"
                                            + "\"eject_consecutive_failures\":2,"
                                            + "\"eject_base_ms\":%d,\"slow_start_ms\":%d}}")
                                    .formatted(
                                            maxOutstanding,
                                            random.nextInt(12),
                                            1 + random.nextInt(4_000),
                                            random.nextInt(2) * 3_000));
            RoutingRules rules =
                    RoutingRules.of(new PolicyBinding(balancer, Json.EMPTY_OBJECT, settings));
            assertThat(rules.refusal()).isNull();
            router.rule(rules);
            changed();
        }

        private void admit() {
            String id = "in-" + random.nextInt(5);
            if (!instances.containsKey(id)) {
                RoutedInstance instance = new RoutedInstance(id, 1);
                instances.put(id, instance);
                router.admit(instance, now);
                changed();
            }
        }

        private void drain() {
            RoutedInstance instance = anyInstance();
            if (instance != null) {
                ejected.remove(instance.instanceId());
                router.routable(instance, false);
                changed();
            }
        }

        private void remove() {
            RoutedInstance instance = anyInstance();
            if (instance != null) {
                instances.remove(instance.instanceId());
                ejected.remove(instance.instanceId());
                router.remove(instance);
                changed();
            }
        }

        private void changed() {
            router.changed(++version, now);
        }

        private void call() {
            Wanting call = wanting();
            @Nullable Duration left =
                    random.nextBoolean() ? null : Duration.ofMillis(random.nextInt(5_000));
            calls.add(call);
            boolean first = ofSession(call.packet().sessionId()) == 1;
            switch (router.call(call, _ -> call, left, now)) {
                case Answer.Placed(Place<RoutedInstance> place) -> {
                    assertThat(ofSession(call.packet().sessionId()))
                            .as("none of its session before it")
                            .isOne();
                    assertThat(place.infer()).isFalse();
                    callPlaced(call, place);
                }
                case Answer.Waits(FairQueue.Place<Wanting> place) -> queued.put(call, place);
                case Answer.NoInstance() -> {
                    assertThat(instances.values()).noneMatch(RoutedInstance::isRoutable);
                    calls.remove(call);
                }
                case Answer.Shed(_, _, _) -> {
                    assertThat(first && mayBeServed(call, false)).as("refused in vain").isFalse();
                    calls.remove(call);
                }
            }
        }

        private long ofSession(String session) {
            return calls.stream().filter(c -> c.packet().sessionId().equals(session)).count();
        }

        private void task() {
            Wanting task = wanting();
            tasks.add(task);
            router.task(task.order, task, now);
        }

        private Wanting wanting() {
            Set<String> avoid =
                    random.nextInt(3) > 0
                            ? Set.of()
                            : random.nextBoolean()
                                    ? Set.of("in-" + random.nextInt(5))
                                    : Set.of("in-1", "in-3");
            // Unique, and not in the order of arrival.
            long order = random.nextInt(1_000) * 1_000_000L + number++;
            return new Wanting(order, "s" + random.nextInt(4), avoid);
        }

        private void giveUp() {
            if (random.nextBoolean() && !calls.isEmpty()) {
                Wanting call = calls.remove(random.nextInt(calls.size()));
                router.giveUp(Objects.requireNonNull(queued.get(call)), now);
            } else if (!tasks.isEmpty()) {
                tasks.remove(random.nextInt(tasks.size())).gone = true;
            }
            if (random.nextInt(20) == 0) {
                assertThat(router.removeTasks()).containsAll(tasks);
                tasks.clear();
            }
        }

        private void move() {
            RoutedInstance to = anyInstance();
            if (out.isEmpty() || to == null) {
                return;
            }
            int index = random.nextInt(out.size());
            Place<RoutedInstance> place = out.get(index);
            boolean other = !place.instance().equals(to);
            boolean may = isServing(to) && !isFull(to, place.infer());
            // What it frees is given to those that wait before it returns.
            out.remove(index);
            switch (router.move(place, to.instanceId(), Set.of("in-2"), now)) {
                case Move.Moved(Place<RoutedInstance> moved) -> {
                    assertThat(moved.instance()).isSameAs(to);
                    assertThat(!other || (may && !to.instanceId().equals("in-2"))).isTrue();
                    out.add(moved);
                }
                case Move.Stayed(String reason) -> {
                    assertThat(reason).isNotEmpty();
                    assertThat(other).isTrue();
                    out.add(place);
                }
            }
        }

        private void probed() {
            if (!asked.isEmpty()) {
                RoutedInstance instance = asked.remove(random.nextInt(asked.size()));
                if (random.nextInt(3) == 0) {
                    router.notProbed(instance, random.nextInt(3) > 0);
                } else {
                    router.probed(instance, random.nextInt(5), random.nextInt(100_000), now);
                }
            }
        }

        private void end() {
            if (out.isEmpty()) {
                return;
            }
            Place<RoutedInstance> place = out.remove(random.nextInt(out.size()));
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> router.failed(place, "no answer", now);
                case 3 -> router.refused(place, now);
                case 4 -> router.expired(place, now);
                case 5 -> router.abandoned(place, now);
                default -> router.answered(place, 100, 20, now);
            }
        }

        private @Nullable RoutedInstance anyInstance() {
            List<RoutedInstance> all = List.copyOf(instances.values());
            return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
        }

        // What it is told.

        @Override
        public void callPlaced(Wanting call, Place<RoutedInstance> place) {
            Wanting first =
                    calls.stream()
                            .filter(c -> c.packet().sessionId().equals(place.sessionId()))
                            .findFirst()
                            .orElse(null);
            assertThat(call).as("in the order of its session").isSameAs(first);
            placed(calls, call, place);
        }

        @Override
        public void taskPlaced(Wanting task, Place<RoutedInstance> place) {
            assertThat(tasks)
                    .as("those before %s, at %s", task, place.instanceId())
                    .noneMatch(t -> t.order < task.order && wants(t, place.instance()));
            placed(tasks, task, place);
        }

        private void placed(List<Wanting> from, Wanting one, Place<RoutedInstance> place) {
            RoutedInstance instance = place.instance();
            assertThat(from.remove(one)).as("%s waits", one).isTrue();
            assertThat(instances.get(place.instanceId())).isSameAs(instance);
            assertThat(isServing(instance)).as("%s serves", place.instanceId()).isTrue();
            assertThat(wants(one, instance)).as("%s at %s", one, place.instanceId()).isTrue();
            assertThat(instance.outstanding).isLessThanOrEqualTo(maxOutstanding);
            assertThat(!place.infer() || instance.infer <= INFER_PER_INSTANCE).isTrue();
            assertThat(place.routing().instanceSetVersion()).isEqualTo(version);
            out.add(place);
        }

        @Override
        public void callDismissed(Wanting call) {
            assertThat(instances.values()).noneMatch(RoutedInstance::isRoutable);
            assertThat(calls.remove(call)).isTrue();
        }

        @Override
        public void probe(RoutedInstance instance) {
            assertThat(asked).as("one question at a time").doesNotContain(instance);
            asked.add(instance);
        }

        @Override
        public void ejected(Ejection ejection) {
            ejections++;
            assertThat(ejected.add(ejection.instanceId())).isTrue();
        }

        @Override
        public void readmitted(Readmission readmission) {
            assertThat(ejected.remove(readmission.instanceId())).isTrue();
        }

        // What holds.

        private boolean isServing(RoutedInstance instance) {
            return instance.isRoutable() && !ejected.contains(instance.instanceId());
        }

        private boolean isFull(RoutedInstance instance, boolean infer) {
            return instance.outstanding >= maxOutstanding
                    || (infer && instance.infer >= INFER_PER_INSTANCE);
        }

        /** Whether it may go there, were there room. */
        private boolean wants(Wanting one, RoutedInstance instance) {
            return !one.avoid().contains(instance.instanceId())
                    || instances.values().stream()
                            .filter(this::isServing)
                            .allMatch(i -> one.avoid().contains(i.instanceId()));
        }

        private boolean mayBeServed(Wanting one, boolean infer) {
            return instances.values().stream()
                    .anyMatch(i -> isServing(i) && !isFull(i, infer) && wants(one, i));
        }

        void check() {
            for (RoutedInstance instance : instances.values()) {
                assertThat(instance.outstanding).isEqualTo(count(instance, false));
                assertThat(instance.infer).isEqualTo(count(instance, true));
            }
            assertThat(router.instances()).containsExactlyElementsOf(instances.values());
            assertThat(router.inferOutstanding())
                    .isEqualTo(instances.values().stream().mapToInt(i -> i.infer).sum());
            assertThat(router.waitingCalls()).isEqualTo(calls.size());
            assertThat(router.ejected()).isEqualTo(ejected.size());
            assertThat(tasks).noneMatch(task -> mayBeServed(task, /* infer= */ true));
            Set<String> sessions = new HashSet<>();
            for (Wanting call : calls) {
                assertThat(sessions.add(call.packet().sessionId()) && mayBeServed(call, false))
                        .as("%s waits and need not", call)
                        .isFalse();
            }
            assertThat(
                            calls.isEmpty()
                                    || instances.values().stream()
                                            .anyMatch(RoutedInstance::isRoutable))
                    .isTrue();
        }

        private int count(RoutedInstance instance, boolean inferOnly) {
            return (int)
                    out.stream()
                            .filter(p -> p.instance().equals(instance) && (p.infer() || !inferOnly))
                            .count();
        }
    }
}

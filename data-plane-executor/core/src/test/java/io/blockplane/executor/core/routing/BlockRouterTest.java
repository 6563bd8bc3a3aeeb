package io.blockplane.executor.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Json;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.executor.core.FairQueue;
import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import io.blockplane.executor.core.RoutingRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who gets which place when some may not have each, and what a place's end says of it. */
class BlockRouterTest {

    private static final String LEAST = "builtin:least-outstanding";
    private static final String ONE_EACH = "{\"protection\":{\"max_outstanding\":1}}";
    private static final long MS = 1_000_000;

    private final Noted noted = new Noted();
    private final BlockRouter<RoutedInstance, Wanting, Wanting> router =
            new BlockRouter<>(/* inferPerInstance= */ 1, /* picksBefore= */ 0, noted);
    private long now;
    private long tasks;
    private long version;

    @Test
    void aCallWaitsForAPlaceInTurnWithOtherSessionsAndIsRefusedWhenTheQueueIsFull() {
        rule(LEAST, "{\"protection\":{\"max_outstanding\":1,\"max_queued\":3}}");
        serve("a");
        Place<RoutedInstance> held = placed(call("s"));
        Wanting first = waits("loud");
        Wanting second = waits("loud");
        Wanting other = waits("quiet");
        assertThat(ask(null))
                .isEqualTo(new Answer.Shed<>(Answer.Why.QUEUE_FULL, 3, Duration.ofSeconds(1)));

        answer(held);
        answer(noted.placeOf(first));
        answer(noted.placeOf(other));
        assertThat(noted.placeOf(second).instanceId()).isEqualTo("a");
    }

    @Test
    void aCallThatCantBeServedInTimeIsRefused() {
        rule(LEAST, ONE_EACH);
        serve("a");
        Place<RoutedInstance> held = placed(call("s"));
        now += 1_000 * MS;
        answer(held);
        placed(call("s"));
        assertThat(ask(Duration.ofMillis(1_100))).isInstanceOf(Answer.Shed.class);
        assertThat(ask(Duration.ofMillis(2_100))).isInstanceOf(Answer.Waits.class);
    }

    @Test
    void callsAndTasksTakeTurnsWhereBothWait() {
        rule(LEAST, ONE_EACH);
        serve("a");
        Place<RoutedInstance> held = placed(call("s"));
        Wanting younger = task(7);
        Wanting older = task(3);
        Wanting first = waits("s");
        Wanting second = waits("s");
        List<Wanting> served = new ArrayList<>();
        Place<RoutedInstance> place = held;
        while (served.size() < 4) {
            answer(place);
            served.add(noted.last);
            place = noted.placeOf(noted.last);
        }
        assertThat(served).containsExactly(older, first, younger, second);
    }

    @Test
    void aBalancerIsSwappedBetweenTwoTasks() {
        serve("a", "b");
        assertThat(placed(call("s")).routing().policy()).isEqualTo(LEAST);
        rule("builtin:round-robin", "{}");
        Place<RoutedInstance> one = placed(call("s"));
        Place<RoutedInstance> two = placed(call("s"));
        assertThat(one.routing().policy()).isEqualTo("builtin:round-robin");
        assertThat(one.routing().instanceSetVersion()).isEqualTo(version);
        assertThat(one.instanceId()).isNotEqualTo(two.instanceId());
    }

    @Test
    void aRepeatedCallWaitsForTheOtherInstanceAndLetsThoseBehindItPass() {
        rule(LEAST, ONE_EACH);
        serve("a", "b");
        Place<RoutedInstance> onA = placed(call("s", "b"));
        Place<RoutedInstance> onB = placed(call("s", "a"));
        router.failed(onA, "refused", now);

        Wanting again = waits("s", "a");
        assertThat(noted.has(again)).as("b is full, and a is to be avoided").isFalse();
        assertThat(placed(call("t")).instanceId()).isEqualTo("a");
        answer(onB);
        assertThat(noted.placeOf(again).instanceId()).isEqualTo("b");
    }

    @Test
    void noCallIsRefusedForOthersThatDoNotWantWhatIsFree() {
        rule(LEAST, "{\"protection\":{\"max_outstanding\":1,\"max_queued\":1}}");
        serve("a", "b");
        Place<RoutedInstance> onA = placed(call("s", "b"));
        placed(call("s", "a"));
        router.failed(onA, "refused", now);
        waits("s", "a");
        assertThat(placed(call("t")).instanceId()).isEqualTo("a");
        assertThat(ask(null)).isInstanceOf(Answer.Shed.class);
    }

    @Test
    void theNextOfASessionGoesWhereTheOneBeforeItDidNotWantTo() {
        rule(LEAST, ONE_EACH);
        serve("a", "b");
        Place<RoutedInstance> onA = placed(call("s", "b"));
        placed(call("s", "a"));
        router.failed(onA, "refused", now);
        FairQueue.Place<Wanting> again = queued(call("s", "a"));
        Wanting next = waits("s");
        assertThat(noted.has(next)).isFalse();
        router.giveUp(again, now);
        assertThat(noted.placeOf(next).instanceId()).isEqualTo("a");
        assertThat(noted.has(again.task())).isFalse();
    }

    @Test
    void aRepeatedTaskWaitsForTheOtherInstanceAndLetsThoseBehindItPass() {
        serve("a", "b");
        task(1, "b");
        Wanting again = task(2, "b");
        Wanting other = task(3);
        assertThat(noted.has(again)).isFalse();
        assertThat(noted.placeOf(other).instanceId()).isEqualTo("b");
        answer(noted.placeOf(other));
        assertThat(noted.has(again)).isFalse();
        router.remove(Objects.requireNonNull(router.find("a")));
        changed();
        assertThat(noted.placeOf(again).instanceId()).as("there is no other").isEqualTo("b");
    }

    @Test
    void whoWaitsComesFirstAtAnInstanceThatComesBack() {
        rule(
                LEAST,
                "{\"protection\":{\"max_outstanding\":1,\"eject_consecutive_failures\":2,"
                        + "\"eject_base_ms\":1000,\"slow_start_ms\":0}}");
        serve("a", "b");
        Place<RoutedInstance> onB = placed(call("s", "a"));
        router.failed(placed(call("s")), "refused", now);
        router.failed(placed(call("s")), "refused", now);
        assertThat(noted.ejected).containsExactly("a");
        Wanting task = task(1);
        assertThat(noted.has(task)).isFalse();

        now += 1_000 * MS;
        assertThat(ask(null)).isInstanceOf(Answer.Waits.class);
        assertThat(noted.readmitted).containsExactly("a");
        assertThat(noted.placeOf(task).instanceId()).isEqualTo("a");
        assertThat(onB.instance().outstanding()).isEqualTo(1);
    }

    @Test
    void anInstanceThatHasServedForLongHasItsShareAtOnce() {
        RoutedInstance old = new RoutedInstance("old", 1);
        router.admit(old, -3_600_000 * MS);
        router.admit(new RoutedInstance("new", 1), now);
        changed();
        int toOld = 0;
        for (int i = 0; i < 200; i++) {
            Place<RoutedInstance> place = placed(call("s"));
            toOld += place.instance().equals(old) ? 1 : 0;
            answer(place);
        }
        assertThat(toOld).isBetween(150, 199);
    }

    @Test
    void anInstanceThatIsCutOffLooksSlowerThanThoseThatAnswer() {
        rule("builtin:prequal", "{}");
        serve("a", "b");
        Place<RoutedInstance> answered = placed(call("s", "b"));
        now += 20 * MS;
        answer(answered);
        router.abandoned(placed(call("s", "a")), now);
        assertThat(latencyUs("b")).as("never begun").isNotPositive();
        router.expired(placed(call("s", "a")), now);
        assertThat(latencyUs("b")).isGreaterThan(3 * latencyUs("a"));
    }

    private long latencyUs(String instanceId) {
        Place<RoutedInstance> place = placed(call("s"));
        router.abandoned(place, now);
        for (InstanceLoad load : place.routing().candidates()) {
            if (load.instanceId().equals(instanceId)) {
                return Objects.requireNonNullElse(load.latencyUs(), 0L);
            }
        }
        throw new AssertionError(instanceId);
    }

    private void rule(String balancer, String settings) {
        RoutingRules rules =
                RoutingRules.of(
                        new PolicyBinding(balancer, Json.EMPTY_OBJECT, Json.parse(settings)));
        assertThat(rules.refusal()).isNull();
        router.rule(rules);
        changed();
    }

    private void serve(String... ids) {
        for (String id : ids) {
            router.admit(new RoutedInstance(id, 1), now);
        }
        changed();
    }

    private void changed() {
        router.changed(++version, now);
    }

    private Answer<RoutedInstance, Wanting> ask(@Nullable Duration left) {
        Wanting call = call("s");
        return router.call(call, _ -> call, left, now);
    }

    private Wanting call(String session, String... avoid) {
        return new Wanting(++tasks, session, Set.of(avoid));
    }

    private Wanting task(long order, String... avoid) {
        Wanting task = new Wanting(order, "s", Set.of(avoid));
        router.task(order, task, now);
        return task;
    }

    private Place<RoutedInstance> placed(Wanting call) {
        return switch (router.call(call, _ -> call, null, now)) {
            case Answer.Placed(Place<RoutedInstance> place) -> place;
            case Answer.NoInstance(), Answer.Waits(_), Answer.Shed(_, _, _) ->
                    throw new AssertionError("no place");
        };
    }

    private Wanting waits(String session, String... avoid) {
        return queued(call(session, avoid)).task();
    }

    private FairQueue.Place<Wanting> queued(Wanting call) {
        return switch (router.call(call, _ -> call, null, now)) {
            case Answer.Waits(FairQueue.Place<Wanting> queued) -> queued;
            case Answer.NoInstance(), Answer.Placed(_), Answer.Shed(_, _, _) ->
                    throw new AssertionError("does not wait");
        };
    }

    private void answer(Place<RoutedInstance> place) {
        router.answered(place, 0, 0, now);
    }

    /** Keeps what it is told. */
    private static final class Noted implements Effects<RoutedInstance, Wanting, Wanting> {

        private final Map<Wanting, Place<RoutedInstance>> places = new HashMap<>();
        private final List<String> ejected = new ArrayList<>();
        private final List<String> readmitted = new ArrayList<>();
        private Wanting last = new Wanting(0, "nobody", Set.of());

        boolean has(Wanting wanting) {
            return places.containsKey(wanting);
        }

        Place<RoutedInstance> placeOf(Wanting wanting) {
            return Objects.requireNonNull(places.get(wanting), wanting::toString);
        }

        @Override
        public void callPlaced(Wanting call, Place<RoutedInstance> place) {
            taskPlaced(call, place);
        }

        @Override
        public void taskPlaced(Wanting task, Place<RoutedInstance> place) {
            places.put(task, place);
            last = task;
        }

        @Override
        public void callDismissed(Wanting call) {
            throw new AssertionError(call);
        }

        @Override
        public void probe(RoutedInstance instance) {}

        @Override
        public void ejected(Ejection ejection) {
            ejected.add(ejection.instanceId());
        }

        @Override
        public void readmitted(Readmission readmission) {
            readmitted.add(readmission.instanceId());
        }
    }
}

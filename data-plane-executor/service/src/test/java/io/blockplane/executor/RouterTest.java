package io.blockplane.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.executor.Router.Idle;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.FairQueue;
import io.blockplane.executor.core.InstanceSet;
import io.blockplane.executor.core.InstanceSet.Member;
import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.executor.core.routing.Answer;
import io.blockplane.executor.core.routing.Move;
import io.blockplane.executor.core.routing.Place;
import io.blockplane.executor.transport.Attempt;
import io.blockplane.executor.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RouterTest {

    private static final PacketFacts PACKET = new PacketFacts("s", 1);
    private static final int PER_INSTANCE = 2;

    private final List<String> closed = new ArrayList<>();
    private final NotedWatch watch = new NotedWatch();
    private final Router router = new Router("blk", this::open, PER_INSTANCE, watch);

    @Test
    void servesThoseThatWaitInTheirOrderAsPlacesGetFree() {
        update(Map.of("a", routable("a")));
        Place<Target> first = place(1).join();
        Place<Target> second = place(2).join();
        CompletableFuture<Place<Target>> later = place(9);
        CompletableFuture<Place<Target>> earlier = place(5);
        assertThat(later).isNotDone();

        router.release(first, answered());
        assertThat(earlier).isDone();
        assertThat(later).isNotDone();

        update(Map.of("a", routable("a"), "b", routable("b")));
        assertThat(later.join().instanceId()).isEqualTo("b");
        assertThat(second.routing().instanceSetVersion()).isEqualTo(1);
        assertThat(later.join().routing().instanceSetVersion()).isEqualTo(2);
    }

    @Test
    void givesADrainingInstanceNothingAndReportsItWhenItsLastTaskEnds() {
        update(Map.of("a", routable("a"), "b", routable("b")));
        Place<Target> onA = place(1).join();
        Place<Target> other = place(2).join();
        String going = onA.instanceId();
        update(Map.of("a", going("a", going), "b", going("b", going)));

        assertThat(router.drained()).isEmpty();
        for (int i = 0; i < 5; i++) {
            assertThat(predict().instanceId()).isEqualTo(other.instanceId());
        }
        router.release(onA, answered());
        assertThat(router.drained()).containsExactly(new Idle(going, 1));
        assertThat(closed).isEmpty();

        update(Map.of("a", gone("a", going), "b", gone("b", going)));
        assertThat(router.drained()).isEmpty();
        assertThat(closed).containsExactly(going);
    }

    @Test
    void reportsADrainingInstanceThatNeverServed() {
        update(Map.of("a", new Member.Draining(3, null)));

        assertThat(router.drained()).containsExactly(new Idle("a", 3));
        assertThat(ask("s")).isEqualTo(new Answer.NoInstance<>());
    }

    @Test
    void ejectsAnInstanceThatGivesNoAnswersAndNotForASingleOne() {
        update(Map.of("a", routable("a"), "b", routable("b")));
        Place<Target> lost = predict();
        String dead = lost.instanceId();
        router.release(lost, new Attempt.NotTaken("refused"));
        assertThat(watch.ejections).isEmpty();
        while (watch.ejections.isEmpty()) {
            Place<Target> place = predict();
            router.release(
                    place,
                    place.instanceId().equals(dead) ? new Attempt.NotTaken("refused") : answered());
        }
        assertThat(watch.ejections.getFirst().reason())
                .isEqualTo("5 attempts in a row failed; last: refused");
        assertThat(router.standing()).isEqualTo(new Router.Standing(0, 1));
        for (int i = 0; i < 20; i++) {
            Place<Target> place = predict();
            assertThat(place.instanceId()).isNotEqualTo(dead);
            assertThat(place.routing().candidates()).hasSize(1);
            assertThat(router.candidates(place).ids()).doesNotContain(dead);
            assertThat(router.move(place, dead, Set.of()))
                    .isEqualTo(new Move.Stayed<>("it is ejected: it gave no answers"));
            router.release(place, answered());
        }

        update(Map.of(dead, routable(dead)));
        assertThat(watch.readmissions).hasSize(1);
        assertThat(predict().instanceId()).as("the only one").isEqualTo(dead);
    }

    @Test
    void saysThatItRefusedACall() {
        protect("{\"max_outstanding\":1,\"max_queued\":0}");
        update(Map.of("a", routable("a")));
        predict();
        assertThat(ask("s")).isInstanceOf(Answer.Shed.class);
        assertThat(watch.shed).containsExactly(Answer.Why.QUEUE_FULL);
    }

    @Test
    void aCallThatIsGivenUpLeavesItsPlaceInTheQueueToTheNext() {
        protect("{\"max_outstanding\":1}");
        update(Map.of("a", routable("a")));
        Place<Target> held = predict();
        FairQueue.Place<Waiting.Call> gone = call("s");
        Waiting.Call next = waits("s");
        router.giveUp(gone);
        router.release(held, answered());
        assertThat(gone.task()).isCancelled();
        assertThat(place(next).instanceId()).isEqualTo("a");
    }

    @Test
    void callsThatWaitAreToldWhenThereIsNoInstanceAnyMore() {
        protect("{\"max_outstanding\":1}");
        update(Map.of("a", routable("a")));
        predict();
        Waiting.Call waiting = waits("s");
        update(Map.of("a", new Member.Draining(1, address("a"))));
        assertThat(waiting.join()).isEqualTo(new Answer.NoInstance<>());
    }

    @Test
    void cutsOffTheWayToARunThatIsOver() {
        update(Map.of("a", routable("a")));
        update(Map.of("a", new Member.Starting(2)));
        assertThat(closed).containsExactly("a");

        update(Map.of("a", new Member.Routable(2, address("a2"))));
        assertThat(router.addresses()).isEqualTo(Map.of("a", address("a2")));
        update(Map.of());
        assertThat(closed).containsExactly("a", "a2");
    }

    @Test
    void givesNoTasksToAnInstanceItHasNoWayTo() {
        update(
                Map.of(
                        "a",
                        new Member.Routable(1, new InstanceAddress("pigeon", "roof", "http://x"))));

        assertThat(ask("s")).isEqualTo(new Answer.NoInstance<>());
    }

    @Test
    void cancelsWhatWaitsWhenItStops() {
        CompletableFuture<Place<Target>> waiting = place(1);
        router.stopWaiting();

        assertThat(waiting).isCancelled();
        assertThat(place(2)).isCancelled();
    }

    private RoutingRules rules = RoutingRules.DEFAULT;
    private long version;

    private void update(Map<String, Member> members) {
        router.update(new InstanceSet(++version, new TreeMap<>(members)), rules);
    }

    private CompletableFuture<Place<Target>> place(long order) {
        return router.acquire(order, PACKET, 0, Set.of());
    }

    private Answer<Target, Waiting.Call> ask(String session) {
        PacketFacts packet = new PacketFacts(session, 1);
        return router.tryAcquire(new Waiting.Task(packet, 0, Set.of()), null);
    }

    private Place<Target> predict() {
        return switch (ask("s")) {
            case Answer.Placed(Place<Target> place) -> place;
            case Answer.NoInstance(), Answer.Waits(_), Answer.Shed(_, _, _) ->
                    throw new AssertionError("no place");
        };
    }

    private void protect(String settings) {
        Json protection = Json.parse("{\"protection\":" + settings + "}");
        rules =
                RoutingRules.of(
                        new PolicyBinding(
                                "builtin:least-outstanding", Json.EMPTY_OBJECT, protection));
        assertThat(rules.refusal()).isNull();
    }

    private Waiting.Call waits(String session) {
        return call(session).task();
    }

    private FairQueue.Place<Waiting.Call> call(String session) {
        Answer<Target, Waiting.Call> pick = ask(session);
        return switch (pick) {
            case Answer.Waits(FairQueue.Place<Waiting.Call> queued) -> queued;
            case Answer.NoInstance(), Answer.Placed(_), Answer.Shed(_, _, _) ->
                    throw new AssertionError(pick);
        };
    }

    private static Place<Target> place(Waiting.Call call) {
        assertThat(call).isDone();
        return switch (call.join()) {
            case Answer.Placed(Place<Target> place) -> place;
            case Answer.NoInstance(), Answer.Waits(_), Answer.Shed(_, _, _) ->
                    throw new AssertionError("none");
        };
    }

    /** Keeps what it is told. */
    private static final class NotedWatch implements RouterWatch {
        private final List<Ejection> ejections = new ArrayList<>();
        private final List<Readmission> readmissions = new ArrayList<>();
        private final List<Answer.Why> shed = new ArrayList<>();

        @Override
        public void ejected(Ejection ejection) {
            ejections.add(ejection);
        }

        @Override
        public void readmitted(Readmission readmission) {
            readmissions.add(readmission);
        }

        @Override
        public void shed(Answer.Why why) {
            shed.add(why);
        }

        @Override
        public void retryRefused() {}

        @Override
        public void probed(boolean answered) {}
    }

    private static Attempt answered() {
        return new Attempt.Answered(ByteString.EMPTY, 0, 0);
    }

    private static Member routable(String id) {
        return new Member.Routable(1, address(id));
    }

    private static Member going(String id, String which) {
        return id.equals(which) ? new Member.Draining(1, address(id)) : routable(id);
    }

    private static Member gone(String id, String which) {
        return id.equals(which) ? new Member.Drained(1) : routable(id);
    }

    private static InstanceAddress address(String target) {
        return new InstanceAddress("fake", target, "http://" + target);
    }

    /** A way to nowhere that notes when it is cut off. */
    private Transport open(String blockId, InstanceAddress address) {
        if (!address.transport().equals("fake")) {
            throw new IllegalArgumentException("transport: " + address.transport());
        }
        return new Transport() {
            @Override
            public Flight start(Work work, Listener listener) {
                throw new AssertionError(blockId);
            }

            @Override
            public void close() {
                closed.add(address.target());
            }
        };
    }
}

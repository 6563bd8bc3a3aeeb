package io.blockplane.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.executor.Router.Idle;
import io.blockplane.executor.Router.Lease;
import io.blockplane.executor.Router.Pick;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.InstanceSet;
import io.blockplane.executor.core.InstanceSet.Member;
import io.blockplane.executor.core.LeastOutstanding;
import io.blockplane.executor.transport.Attempt;
import io.blockplane.executor.transport.Transport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouterTest {

    private static final PacketFacts PACKET = new PacketFacts("s", 1);
    private static final int PER_INSTANCE = 2;

    private final List<String> closed = new ArrayList<>();
    private final Router router =
            new Router("blk", new LeastOutstanding(), this::open, PER_INSTANCE);

    @Test
    void servesThoseThatWaitInTheirOrderAsPlacesGetFree() {
        update(Map.of("a", routable("a")));
        Lease first = place(1).join();
        Lease second = place(2).join();
        CompletableFuture<Lease> later = place(9);
        CompletableFuture<Lease> earlier = place(5);
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
        Lease onA = place(1).join();
        Lease other = place(2).join();
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
        assertThat(router.tryAcquire(PACKET, Set.of())).isEqualTo(new Pick.NoInstance());
    }

    @Test
    void passesOverAnInstanceThatGaveNoAnswerWhileThereAreOthers() {
        update(Map.of("a", routable("a"), "b", routable("b")));
        Lease lost = predict();
        router.release(lost, new Attempt.NotTaken("refused"));

        for (int i = 0; i < 20; i++) {
            Lease lease = predict();
            assertThat(lease.instanceId()).isNotEqualTo(lost.instanceId());
            assertThat(lease.routing().candidates()).hasSize(1);
            router.release(lease, answered());
        }
        update(Map.of(lost.instanceId(), routable(lost.instanceId())));
        assertThat(predict().instanceId()).as("the only one").isEqualTo(lost.instanceId());
    }

    @Test
    void refusesAPredictCallWhenEachInstanceHasAllItMayHave() {
        update(Map.of("a", routable("a")));
        for (int i = 0; i < Router.MAX_OUTSTANDING_PER_INSTANCE; i++) {
            predict();
        }
        assertThat(router.tryAcquire(PACKET, Set.of())).isEqualTo(new Pick.AllBusy());
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

        assertThat(router.tryAcquire(PACKET, Set.of())).isEqualTo(new Pick.NoInstance());
    }

    @Test
    void cancelsWhatWaitsWhenItStops() {
        CompletableFuture<Lease> waiting = place(1);
        router.stopWaiting();

        assertThat(waiting).isCancelled();
        assertThat(place(2)).isCancelled();
    }

    /** Whatever happens: nobody waits while there is a place, none has more than it may. */
    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void keepsItsBooks(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Member> members = new TreeMap<>();
        Queue<CompletableFuture<Lease>> waiting = new ArrayDeque<>();
        List<Lease> infer = new ArrayList<>();
        for (int step = 0; step < 1500; step++) {
            String id = "in-" + random.nextInt(4);
            switch (random.nextInt(10)) {
                case 0 -> {
                    members.put(id, routable(id));
                    update(members);
                }
                case 1 -> {
                    members.computeIfPresent(id, (k, _) -> going(k, k));
                    update(members);
                }
                case 2, 3, 4, 5 -> waiting.add(place(step));
                default -> {
                    if (!infer.isEmpty()) {
                        router.release(infer.remove(random.nextInt(infer.size())), answered());
                    }
                }
            }
            while (!waiting.isEmpty() && waiting.peek().isDone()) {
                infer.add(waiting.remove().join());
            }
            assertThat(waiting).as("in order").noneMatch(CompletableFuture::isDone);
            assertThat(router.inferOutstanding()).isEqualTo(infer.size());
            for (InstanceLoad load : router.loads()) {
                assertThat(load.outstanding()).isLessThanOrEqualTo(PER_INSTANCE);
                assertThat(load.outstanding())
                        .isEqualTo(
                                (int)
                                        infer.stream()
                                                .filter(l ->
                                                        l.instanceId().equals(load.instanceId()))
                                                .count());
                if (!waiting.isEmpty()
                        && members.get(load.instanceId()) instanceof Member.Routable) {
                    assertThat(load.outstanding()).isEqualTo(PER_INSTANCE);
                }
            }
        }
    }

    private long version;

    private void update(Map<String, Member> members) {
        router.update(new InstanceSet(++version, new TreeMap<>(members)));
    }

    private CompletableFuture<Lease> place(long order) {
        return router.acquire(order, PACKET, Set.of());
    }

    private Lease predict() {
        return switch (router.tryAcquire(PACKET, Set.of())) {
            case Pick.Picked(Lease lease) -> lease;
            case Pick.NoInstance _, Pick.AllBusy _ -> throw new AssertionError("no place");
        };
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

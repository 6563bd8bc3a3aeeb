package io.blockplane.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.executor.Router.Lease;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.InstanceSet;
import io.blockplane.executor.core.InstanceSet.Member;
import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.executor.transport.Attempt;
import io.blockplane.executor.transport.Transport;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who gets which place when some may not have each, and what a place's end says of it. */
class RouterPlacesTest {

    private static final PacketFacts PACKET = new PacketFacts("s", 1);

    private final Router router = new Router("blk", (_, _) -> new NoWay(), 1, new Unwatched());

    @Test
    void aRepeatedCallWaitsForTheOtherInstanceAndLetsThoseBehindItPass() {
        update("builtin:least-outstanding", "{\"protection\":{\"max_outstanding\":1}}", "a", "b");
        Lease onA = picked(Set.of("b"));
        Lease onB = picked(Set.of("a"));
        router.release(onA, new Attempt.NotTaken("refused"));

        CompletableFuture<Pick> again = waits(Set.of("a"));
        assertThat(again).as("b is full, and a is to be avoided").isNotDone();
        CompletableFuture<Pick> other = waits(new PacketFacts("t", 1), Set.of());
        assertThat(lease(other).instanceId()).isEqualTo("a");
        router.release(onB, answered());
        assertThat(lease(again).instanceId()).isEqualTo("b");
    }

    @Test
    void aRepeatedTaskWaitsForTheOtherInstanceAndLetsThoseBehindItPass() {
        update("builtin:least-outstanding", "{}", "a", "b");
        router.acquire(1, PACKET, 0, Set.of("b")).join();
        CompletableFuture<Lease> again = router.acquire(2, PACKET, 0, Set.of("b"));
        CompletableFuture<Lease> other = router.acquire(3, PACKET, 0, Set.of());
        assertThat(again).isNotDone();
        assertThat(other.join().instanceId()).isEqualTo("b");
        router.release(other.join(), answered());
        assertThat(again).isNotDone();
        update("builtin:least-outstanding", "{}", "b");
        assertThat(again.join().instanceId()).as("there is no other").isEqualTo("b");
    }

    @Test
    void anInstanceThatIsCutOffLooksSlowerThanThoseThatAnswer() throws InterruptedException {
        update("builtin:prequal", "{}", "a", "b");
        Lease answered = picked(Set.of("b"));
        Thread.sleep(20);
        router.release(answered, answered());
        router.release(picked(Set.of("a")), new Attempt.Abandoned());
        assertThat(latencyUs("b")).as("never begun").isNotPositive();
        router.release(picked(Set.of("a")), new Attempt.Expired("the caller's deadline passed"));
        assertThat(latencyUs("b")).isGreaterThan(3 * latencyUs("a"));
    }

    private long latencyUs(String instanceId) {
        Lease lease = picked(Set.of());
        router.release(lease, new Attempt.Abandoned());
        for (InstanceLoad load : lease.routing().candidates()) {
            if (load.instanceId().equals(instanceId)) {
                return Objects.requireNonNullElse(load.latencyUs(), 0L);
            }
        }
        throw new AssertionError(instanceId);
    }

    private long version;

    private void update(String balancer, String settings, String... instances) {
        Map<String, Member> members = new TreeMap<>();
        for (String id : instances) {
            members.put(
                    id, new Member.Routable(1, new InstanceAddress("fake", id, "http://" + id)));
        }
        RoutingRules rules =
                RoutingRules.of(
                        new PolicyBinding(balancer, Json.EMPTY_OBJECT, Json.parse(settings)));
        assertThat(rules.refusal()).isNull();
        router.update(new InstanceSet(++version, new TreeMap<>(members)), rules);
    }

    private Lease picked(Set<String> avoid) {
        return switch (router.tryAcquire(PACKET, 0, avoid, null)) {
            case Pick.Picked(Lease lease) -> lease;
            case Pick.NoInstance _, Pick.Waits _, Pick.Shed _ -> throw new AssertionError("none");
        };
    }

    private CompletableFuture<Pick> waits(Set<String> avoid) {
        return waits(PACKET, avoid);
    }

    private CompletableFuture<Pick> waits(PacketFacts packet, Set<String> avoid) {
        Pick pick = router.tryAcquire(packet, 0, avoid, null);
        return switch (pick) {
            case Pick.Waits(Pick.Waiting call) -> call.place();
            case Pick.NoInstance _, Pick.Picked _, Pick.Shed _ -> throw new AssertionError(pick);
        };
    }

    private static Lease lease(CompletableFuture<Pick> place) {
        assertThat(place).isDone();
        return switch (place.join()) {
            case Pick.Picked(Lease lease) -> lease;
            case Pick.NoInstance _, Pick.Waits _, Pick.Shed _ -> throw new AssertionError("none");
        };
    }

    private static Attempt answered() {
        return new Attempt.Answered(ByteString.EMPTY, 0, 0);
    }

    private static final class NoWay implements Transport {
        @Override
        public Flight start(Work work, Listener listener) {
            throw new AssertionError("nothing is sent");
        }

        @Override
        public void close() {}
    }

    private static final class Unwatched implements RouterWatch {
        @Override
        public void ejected(Ejection ejection) {}

        @Override
        public void readmitted(Readmission readmission) {}

        @Override
        public void shed(Shed why) {}

        @Override
        public void retryRefused() {}

        @Override
        public void probed(boolean answered) {}
    }
}

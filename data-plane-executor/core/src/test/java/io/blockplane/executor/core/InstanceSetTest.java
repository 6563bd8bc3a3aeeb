package io.blockplane.executor.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.BlockCreated;
import io.blockplane.events.BlockEvent.CommandRefused;
import io.blockplane.events.BlockEvent.InstanceDrained;
import io.blockplane.events.BlockEvent.InstanceDraining;
import io.blockplane.events.BlockEvent.InstanceLost;
import io.blockplane.events.BlockEvent.InstanceReady;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.BlockEvent.InstanceStopped;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.executor.core.InstanceSet.Member;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceSetTest {

    private static final InstanceAddress ADDRESS =
            new InstanceAddress("grpc", "127.0.0.1:1", "http://127.0.0.1:2/health");

    @Test
    void routesToAnInstanceFromReadyToDraining() {
        InstanceSet set = fold(created(1), new InstanceRequested("b", 2, "in-a", 1));
        assertThat(set.members()).containsEntry("in-a", new Member.Starting(1));

        set = set.apply(new InstanceReady("b", 3, "in-a", 1, ADDRESS));
        assertThat(set.members()).containsEntry("in-a", new Member.Routable(1, ADDRESS));

        set = set.apply(new InstanceDraining("b", 4, "in-a"));
        assertThat(set.members()).containsEntry("in-a", new Member.Draining(1, ADDRESS));

        set = set.apply(new InstanceDrained("b", 5, "in-a"));
        assertThat(set.members()).containsEntry("in-a", new Member.Drained(1));

        set = set.apply(new InstanceStopped("b", 6, "in-a", 0));
        assertThat(set).isEqualTo(new InstanceSet(6, new TreeMap<>()));
    }

    @Test
    void routesToALostInstanceAgainOnlyWhenItsNextRunIsReady() {
        InstanceSet set =
                fold(
                        created(1),
                        new InstanceRequested("b", 2, "in-a", 1),
                        new InstanceReady("b", 3, "in-a", 1, ADDRESS),
                        new InstanceLost("b", 4, "in-a", 2, 137, null));
        assertThat(set.members()).containsEntry("in-a", new Member.Starting(2));

        set = set.apply(new InstanceReady("b", 5, "in-a", 2, ADDRESS));
        assertThat(set.members()).containsEntry("in-a", new Member.Routable(2, ADDRESS));
    }

    @Test
    void neverRoutesToOneThatIsToGoEvenIfItGetsReadyLate() {
        InstanceSet set =
                fold(
                        created(1),
                        new InstanceRequested("b", 2, "in-a", 1),
                        new InstanceDraining("b", 3, "in-a"));
        assertThat(set.members()).containsEntry("in-a", new Member.Draining(1, null));

        set = set.apply(new InstanceReady("b", 4, "in-a", 1, ADDRESS));
        assertThat(set.members()).containsEntry("in-a", new Member.Draining(1, ADDRESS));

        set = set.apply(new InstanceLost("b", 5, "in-a", 2, null, null));
        assertThat(set.members()).containsEntry("in-a", new Member.Draining(2, null));
    }

    @Test
    void isChangedByNeitherARefusalNorAnEventSeenBefore() {
        InstanceSet set = fold(created(1), new InstanceRequested("b", 2, "in-a", 1));

        assertThat(set.apply(new CommandRefused("b", 2, "c", "INVALID", null, "no"))).isSameAs(set);
        assertThat(set.apply(new InstanceDraining("b", 2, "in-a"))).isSameAs(set);
    }

    @Test
    void stopsAtAGap() {
        InstanceSet set = fold(created(1));
        assertThatThrownBy(() -> set.apply(new InstanceRequested("b", 3, "in-a", 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("block b: event version 3 follows 1 (expected: 2)");
    }

    /** Whatever happens in whatever order: routable means ready, and not to go. */
    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void routesOnlyToInstancesThatAreReadyAndStay(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        InstanceSet set = InstanceSet.EMPTY;
        Set<String> serving = new TreeSet<>();
        Set<String> going = new TreeSet<>();
        for (long version = 1; version <= 400; version++) {
            String id = "in-" + random.nextInt(5);
            boolean known = set.members().containsKey(id);
            BlockEvent event = anyEvent(random.nextInt(6), version, id);
            set = set.apply(event);
            switch (event) {
                case InstanceReady _ -> serving.add(id);
                case InstanceLost _ -> serving.remove(id);
                case InstanceDraining _ -> going.add(id);
                case InstanceDrained _ when known -> going.add(id);
                case InstanceStopped _ -> {
                    serving.remove(id);
                    going.remove(id);
                }
                default -> {
                    // Changes no routing.
                }
            }
            Set<String> expected = new TreeSet<>(serving);
            expected.removeAll(going);
            assertThat(routable(set)).isEqualTo(expected);
            assertThat(set.version()).isEqualTo(version);
        }
    }

    private static BlockEvent anyEvent(int kind, long version, String id) {
        return switch (kind) {
            case 0 -> new InstanceRequested("b", version, "new-" + version, 1);
            case 1 -> new InstanceReady("b", version, id, 1, ADDRESS);
            case 2 -> new InstanceLost("b", version, id, 2, null, null);
            case 3 -> new InstanceDraining("b", version, id);
            case 4 -> new InstanceStopped("b", version, id, null);
            default -> new InstanceDrained("b", version, id);
        };
    }

    private static Set<String> routable(InstanceSet set) {
        Set<String> ids = new TreeSet<>();
        set.members()
                .forEach((id, member) -> {
                    if (member instanceof Member.Routable) {
                        ids.add(id);
                    }
                });
        return ids;
    }

    private static InstanceSet fold(BlockEvent... events) {
        InstanceSet set = InstanceSet.EMPTY;
        for (BlockEvent event : events) {
            set = set.apply(event);
        }
        return set;
    }

    private static BlockCreated created(long version) {
        return new BlockCreated(
                "b",
                version,
                new BlockSpec(
                        "b",
                        "builtin:embedding",
                        1,
                        3,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        new TreeMap<>()));
    }
}

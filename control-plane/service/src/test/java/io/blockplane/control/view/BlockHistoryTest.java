package io.blockplane.control.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.control.core.CommandMemory;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.Envelope;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BlockHistoryTest {

    @Test
    void keepsTheLatestEventsAndAsManyOutcomesAsABlockRemembersCommands() {
        BlockHistory history = new BlockHistory();
        int more = BlockHistory.EVENTS + CommandMemory.LIMIT;
        for (int i = 1; i <= more; i++) {
            history.add(event(i, "cmd-" + i));
        }
        assertThat(history.events()).hasSize(BlockHistory.EVENTS);
        assertThat(history.events().getLast().event().version()).isEqualTo(more);
        assertThat(history.outcome("cmd-" + (more - CommandMemory.LIMIT))).isEmpty();
        assertThat(history.outcome("cmd-" + (more - CommandMemory.LIMIT + 1))).isPresent();
    }

    @Test
    void hasTheFirstEventOfACommandAsItsOutcome() {
        BlockHistory history = new BlockHistory();
        history.add(event(1, "cmd"));
        history.add(event(2, "cmd"));
        assertThat(history.outcome("cmd").map(e -> e.event().version())).hasValue(1L);
    }

    @Test
    void wakesAllWhoWaitForAKeyAndNobodyElse() {
        Arrivals<String, Integer> arrivals = new Arrivals<>();
        CompletableFuture<Integer> one = arrivals.await("a", Optional::empty);
        CompletableFuture<Integer> two = arrivals.await("a", Optional::empty);
        CompletableFuture<Integer> other = arrivals.await("b", Optional::empty);
        CompletableFuture<Integer> there = arrivals.await("c", () -> Optional.of(3));
        assertThat(two.cancel(false)).isTrue();
        arrivals.arrived("a", 1);
        assertThat(one).isCompletedWithValue(1);
        assertThat(there).isCompletedWithValue(3);
        assertThat(other).isNotDone();
    }

    private static Envelope<BlockEvent> event(long version, String command) {
        return new Envelope<>(
                "evt-b-" + version,
                "/test",
                0,
                null,
                command,
                new BlockEvent.InstanceDraining("b", version, "in-a"));
    }
}

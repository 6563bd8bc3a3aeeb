package io.blockplane.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.executor.packet.Packet;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TaskTraceTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void thePolicyMayBeAskedSoOftenAndAllItsCallsAreInTheEvent() throws Exception {
        TaskTrace trace =
                new TaskTrace(
                        "exec",
                        "blk",
                        "0-1",
                        Entry.INFER,
                        Packet.read(ByteString.EMPTY),
                        NOW,
                        null);
        trace.handedOver(NOW, routing(0, null));
        for (int i = 0; i < TaskTrace.MAX_POLICY_CALLS; i++) {
            assertThat(trace.mayAskPolicy()).isTrue();
            trace.handedOver(NOW, routing(i, "lane-0"));
        }
        for (int i = 0; i < 100; i++) {
            assertThat(trace.mayAskPolicy()).isFalse();
            trace.handedOver(NOW, routing(i, null));
        }
        TaskFinished event = trace.finished(NOW, TaskTrace.Ending.completed(0, 0)).event();
        assertThat(event.attempts()).isEqualTo(101 + TaskTrace.MAX_POLICY_CALLS);
        assertThat(event.earlierRoutings())
                .extracting(Routing::sequence)
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
    }

    private static Routing routing(long sequence, @Nullable String lane) {
        return new Routing(
                "p:1-stable", 0, sequence, 1, List.of(), "a", lane, null, null, null, null);
    }
}

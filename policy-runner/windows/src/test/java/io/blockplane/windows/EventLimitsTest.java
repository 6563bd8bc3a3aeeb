package io.blockplane.windows;

import static io.blockplane.windows.Histories.task;
import static io.blockplane.windows.Histories.tick;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.EventJson;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventLimitsTest {

    private static final long MAX_US = EventLimits.MAX_DURATION_US;

    @Test
    void admitsWhatIsAtTheLimits() {
        admits(task("b", 0, null));
        admits(task("b", EventLimits.MAX_EVENT_TIME_MS, "x".repeat(EventLimits.MAX_ID_LENGTH)));
        admits(
                task(
                        "b",
                        0,
                        "in-a",
                        Outcome.FAILED,
                        0,
                        MAX_US,
                        EventLimits.MAX_TOKENS,
                        EventLimits.MAX_TOKENS));
        admits(tick("b", 0, Integer.MAX_VALUE, loads(EventLimits.MAX_INSTANCES)));
    }

    @Test
    void namesFieldValueAndExpectationOfWhatItRefuses() {
        refuses(task("b", -1, "in-a"), "atMs: -1 (expected: 0 to 253402300799999)");
        refuses(
                task("b", Long.MAX_VALUE, "in-a"),
                "atMs: 9223372036854775807 (expected: 0 to 253402300799999)");
        refuses(
                task("b", 0, "in-a", Outcome.COMPLETED, -1, 5, 0, 0),
                "queueUs: -1 (expected: 0 to 1099511627775)");
        refuses(
                task("b", 0, "in-a", Outcome.COMPLETED, 5, -1, 0, 0),
                "serviceUs: -1 (expected: 0 to 1099511627775)");
        refuses(
                task("b", 0, "in-a", Outcome.COMPLETED, 1, MAX_US, 0, 0),
                "totalUs: 1099511627776 (expected: 0 to 1099511627775)");
        refuses(
                task("b", 0, "in-a", Outcome.COMPLETED, 1, 1, -7, 0),
                "tokensIn: -7 (expected: 0 to 2147483647)");
        refuses(
                task("b", 0, "in-a", Outcome.COMPLETED, 1, 1, 0, 1L << 31),
                "tokensOut: 2147483648 (expected: 0 to 2147483647)");
        refuses(task("", 0, "in-a"), "blockId: 0 characters (expected: 1 to 256 characters)");
        refuses(
                task("b", 0, "x".repeat(257)),
                "instanceId: 257 characters (expected: 1 to 256 characters)");
        refuses(
                task("b", 0, "in\n-a"),
                "instanceId: has control or surrogate characters (expected: none)");
        refuses(tick("b", 0, -1), "queued: -1 (expected: 0 to 2147483647)");
        refuses(
                tick("b", 0, 0, new InstanceLoad("in-a", -2)),
                "instances.outstanding: -2 (expected: 0 to 2147483647)");
        refuses(
                tick("b", 0, 0, loads(EventLimits.MAX_INSTANCES + 1)),
                "instances: 4097 (expected: 0 to 4096)");
    }

    @Test
    void refusesARecordWhoseFieldsAreAbsent() {
        refuses(
                decode(
                        "{\"atMs\":1,\"queueUs\":0,\"serviceUs\":0,\"totalUs\":0,\"tokensIn\":0,"
                                + "\"tokensOut\":0,\"attempts\":0,\"outcome\":\"FAILED\"}"),
                "blockId: absent (expected: 1 to 256 characters)");
        refuses(
                decode(
                        "{\"blockId\":\"b\",\"atMs\":1,\"queueUs\":0,\"serviceUs\":0,\"totalUs\":0,"
                                + "\"tokensIn\":0,\"tokensOut\":0,\"attempts\":0}"),
                "outcome: absent (expected: how the task ended)");
    }

    private static TaskFinished decode(String json) {
        return EventJson.decode(TaskFinished.class, json.getBytes(StandardCharsets.UTF_8));
    }

    private static InstanceLoad[] loads(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new InstanceLoad("in-" + i, i))
                .toArray(InstanceLoad[]::new);
    }

    private static void admits(TaskEvent event) {
        assertThat(EventLimits.refusal(event)).isEmpty();
    }

    private static void refuses(TaskEvent event, String reason) {
        assertThat(EventLimits.refusal(event)).contains(reason);
    }
}

package io.blockplane.windows;

import static io.blockplane.windows.Histories.task;
import static io.blockplane.windows.Histories.tick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.WindowClosed;
import io.blockplane.events.WindowClosed.InstanceWindow;
import io.blockplane.events.WindowStats;
import io.blockplane.events.WindowStats.Rolling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every rule of the windows, one by one; times are milliseconds after a whole second. */
class BlockWindowsTest {

    private static final long T0 = 1_700_000_000_000L;
    private static final String B = "block-1";

    private final BlockWindows windows = new BlockWindows(B);

    @Test
    void closesNothingAtTheFirstEventOfABlock() {
        assertThat(windows.apply(task(B, T0 + 300, "in-a"))).isEmpty();
        assertThat(windows.apply(task(B, T0 + 999, "in-a"))).isEmpty();
    }

    @Test
    void closesAWindowWhenAnEventReachesTheTickAndCountsTheEventInTheNext() {
        apply(task(B, T0, "in-a"), task(B, T0 + 999, "in-a"));

        WindowClosed first = one(task(B, T0 + 1_000, "in-a"));
        assertThat(first.asOfMs()).isEqualTo(T0 + 1_000);
        assertThat(first.gapMs()).isZero();
        assertThat(first.block().tasksProcessed()).isEqualTo(all(2));

        assertThat(one(tick(B, T0 + 2_000, 0)).block().tasksProcessed()).isEqualTo(all(3));
    }

    @Test
    void closesAWindowForEachTickThatAnEventPasses() {
        apply(task(B, T0, "in-a"));
        assertThat(windows.apply(task(B, T0 + 3_500, "in-a")))
                .extracting(WindowClosed::asOfMs)
                .containsExactly(T0 + 1_000, T0 + 2_000, T0 + 3_000);
    }

    @Test
    void holdsATaskForAsLongAsEachWindowIs() {
        apply(task(B, T0 + 500, "in-a"));
        List<WindowClosed> closed = seconds(T0 + 1_000, T0 + 902_000);

        assertThat(at(closed, T0 + 10_000).block().tasksProcessed()).isEqualTo(all(1));
        assertThat(at(closed, T0 + 11_000).block().tasksProcessed())
                .isEqualTo(new Rolling(0, 1, 1, 1));
        assertThat(at(closed, T0 + 60_000).block().tasksProcessed())
                .isEqualTo(new Rolling(0, 1, 1, 1));
        assertThat(at(closed, T0 + 61_000).block().tasksProcessed())
                .isEqualTo(new Rolling(0, 0, 1, 1));
        assertThat(at(closed, T0 + 301_000).block().tasksProcessed())
                .isEqualTo(new Rolling(0, 0, 0, 1));
        assertThat(at(closed, T0 + 900_000).block().tasksProcessed())
                .isEqualTo(new Rolling(0, 0, 0, 1));
        assertThat(at(closed, T0 + 901_000).block().tasksProcessed()).isEqualTo(all(0));
    }

    @Test
    void dividesRatesByTheLengthOfTheWindow() {
        for (int i = 0; i < 30; i++) {
            apply(task(B, T0 + i, "in-a", Outcome.COMPLETED, 0, 1, 7, 11));
        }
        WindowStats block = one(tick(B, T0 + 1_000, 0)).block();
        assertThat(block.tasksProcessed()).isEqualTo(all(30));
        assertThat(block.fps()).isEqualTo(new Rolling(3, 0.5, 0.1, 30 / 900.0));
        assertThat(block.inputTokensPerMinute()).isEqualTo(new Rolling(1_260, 210, 42, 14));
        assertThat(block.outputTokensPerMinute()).isEqualTo(new Rolling(1_980, 330, 66, 22));
    }

    @Test
    void givesMeansAndQuantilesInSeconds() {
        apply(
                task(B, T0, "in-a", Outcome.COMPLETED, 200_000, 800_000, 1, 1),
                task(B, T0, "in-a", Outcome.COMPLETED, 100_000, 2_900_000, 1, 1));
        WindowStats block = one(tick(B, T0 + 1_000, 0)).block();
        assertThat(block.latency()).isEqualTo(all(2));
        assertThat(block.queueTime()).isEqualTo(all(0.15));
        assertThat(block.inferenceDuration()).isEqualTo(all(1.85));
        assertThat(block.latencyP50()).isEqualTo(all(1.007616));
        assertThat(block.latencyP95()).isEqualTo(all(2.981888));
        assertThat(block.latencyP99()).isEqualTo(all(2.981888));
    }

    @Test
    void givesZeroForMeansAndQuantilesOfNothing() {
        apply(tick(B, T0, 0));
        WindowStats block = one(tick(B, T0 + 1_000, 0)).block();
        assertThat(block.latency()).isEqualTo(all(0));
        assertThat(block.latencyP99()).isEqualTo(all(0));
        assertThat(block.queueTime()).isEqualTo(all(0));
        assertThat(block.inferenceDuration()).isEqualTo(all(0));
    }

    @Test
    void countsFailedAndExpiredTasksAsProcessedAndAsErrors() {
        apply(
                task(B, T0, "in-a", Outcome.COMPLETED, 1, 1, 1, 1),
                task(B, T0, "in-a", Outcome.FAILED, 1, 1, 1, 1),
                task(B, T0, "in-a", Outcome.EXPIRED, 1, 1, 1, 1));
        WindowStats block = one(tick(B, T0 + 1_000, 0)).block();
        assertThat(block.tasksProcessed()).isEqualTo(all(3));
        assertThat(block.errors()).isEqualTo(all(2));
    }

    @Test
    void countsATaskThatReachedNoInstanceInTheBlockOnlyAndNotInItsInferenceTime() {
        apply(
                task(B, T0, "in-a", Outcome.COMPLETED, 100_000, 600_000, 1, 1),
                task(B, T0, null, Outcome.EXPIRED, 5_000_000, 0, 0, 0));
        WindowClosed window = one(tick(B, T0 + 1_000, 0));
        assertThat(window.block().tasksProcessed()).isEqualTo(all(2));
        assertThat(window.block().queueTime()).isEqualTo(all(2.55));
        assertThat(window.block().inferenceDuration()).isEqualTo(all(0.6));
        assertThat(window.instances())
                .extracting(InstanceWindow::instanceId)
                .containsExactly("in-a");
        assertThat(instance(window, "in-a").tasksProcessed()).isEqualTo(all(1));
    }

    @Test
    void countsALateTaskInItsOwnSecondFromTheNextTickOnAndSaysSoOnce() {
        apply(tick(B, T0, 0), tick(B, T0 + 9_000, 0), task(B, T0 + 1_000, "in-a"));
        WindowClosed next = one(tick(B, T0 + 10_000, 0));
        assertThat(next.lateTasks()).isEqualTo(1);
        assertThat(next.block().tasksProcessed()).isEqualTo(all(1));

        WindowClosed after = one(tick(B, T0 + 11_000, 0));
        assertThat(after.lateTasks()).isZero();
        assertThat(after.block().tasksProcessed()).as("it is 10 s old by now").isEqualTo(all(1));
        assertThat(one(tick(B, T0 + 12_000, 0)).block().tasksProcessed())
                .isEqualTo(new Rolling(0, 1, 1, 1));
    }

    @Test
    void namesATaskOlderThanTheLongestWindowAndDoesNotCountIt() {
        apply(tick(B, T0 + 900_000, 0));
        apply(task(B, T0 + 999, "in-a"), task(B, T0 + 1_000, "in-b"));
        WindowClosed window = one(tick(B, T0 + 901_000, 0));
        assertThat(window.expiredTasks()).isEqualTo(1);
        assertThat(window.lateTasks()).isEqualTo(1);
        assertThat(window.block().tasksProcessed()).isEqualTo(new Rolling(0, 0, 0, 1));
        assertThat(window.instances())
                .extracting(InstanceWindow::instanceId)
                .containsExactly("in-b");
        assertThat(one(tick(B, T0 + 902_000, 0)).expiredTasks()).isZero();
    }

    @Test
    void catchesUpSixtySecondsWithAWindowEach() {
        apply(tick(B, T0, 0));
        List<WindowClosed> closed = windows.apply(tick(B, T0 + 60_999, 0));
        assertThat(closed).hasSize(60);
        assertThat(closed).allSatisfy(window -> assertThat(window.gapMs()).isZero());
    }

    @Test
    void closesOneWindowAtTheEndOfALongerGapAndSaysWhatWasSkipped() {
        apply(task(B, T0, "in-a"), task(B, T0 - 1, "in-a"));
        WindowClosed window = one(tick(B, T0 + 61_000, 0));
        assertThat(window.asOfMs()).isEqualTo(T0 + 61_000);
        assertThat(window.gapMs()).isEqualTo(60_000);
        assertThat(window.lateTasks()).isEqualTo(1);
        assertThat(window.block().tasksProcessed()).isEqualTo(new Rolling(0, 0, 2, 2));

        WindowClosed next = one(tick(B, T0 + 62_000, 0));
        assertThat(next.gapMs()).isZero();
        assertThat(next.lateTasks()).isZero();
    }

    @Test
    void isEmptyAfterAGapLongerThanTheLongestWindow() {
        apply(task(B, T0, "in-a"), tick(B, T0, 5, new InstanceLoad("in-a", 3)));
        WindowClosed window = one(tick(B, T0 + 86_400_000, 0));
        assertThat(window.gapMs()).isEqualTo(86_399_000);
        assertThat(window.block().tasksProcessed()).isEqualTo(all(0));
        assertThat(window.block().queueLength()).isEqualTo(all(0));
        assertThat(window.instances()).isEmpty();
    }

    @Test
    void averagesQueueLengthOverTheTicksInTheWindow() {
        apply(
                tick(B, T0, 2, new InstanceLoad("in-a", 1), new InstanceLoad("in-b", 3)),
                tick(B, T0 + 1_000, 0, new InstanceLoad("in-a", 4)));
        WindowClosed window = one(tick(B, T0 + 2_000, 100));
        assertThat(window.block().queueLength()).isEqualTo(all((6 + 4) / 2.0));
        assertThat(instance(window, "in-a").queueLength()).isEqualTo(all(2.5));
        assertThat(instance(window, "in-b").queueLength())
                .as("over the ticks that name it")
                .isEqualTo(all(3));
    }

    @Test
    void showsAnInstanceFromItsFirstTickUntilAMinuteAfterItsLast() {
        apply(tick(B, T0, 0));
        apply(tick(B, T0 + 1_000, 0, new InstanceLoad("in-a", 0)));
        List<WindowClosed> closed = seconds(T0 + 2_000, T0 + 70_000);
        assertThat(at(closed, T0 + 2_000).instances()).hasSize(1);
        assertThat(at(closed, T0 + 61_000).instances()).hasSize(1);
        assertThat(at(closed, T0 + 62_000).instances()).isEmpty();
    }

    @Test
    void showsAnInstanceThatHadTasksUntilItsLongestWindowIsEmpty() {
        apply(task(B, T0, "in-a"));
        List<WindowClosed> closed = seconds(T0 + 1_000, T0 + 902_000);
        assertThat(at(closed, T0 + 900_000).instances()).hasSize(1);
        assertThat(at(closed, T0 + 901_000).instances()).isEmpty();
    }

    @Test
    void remembersTheQueueOfAnInstanceThatWasAwayForAWhile() {
        apply(tick(B, T0, 0, new InstanceLoad("in-a", 8)));
        seconds(T0 + 1_000, T0 + 100_000);
        apply(tick(B, T0 + 100_000, 0, new InstanceLoad("in-a", 2)));
        WindowClosed window = one(tick(B, T0 + 101_000, 0));
        assertThat(instance(window, "in-a").queueLength()).isEqualTo(new Rolling(2, 2, 5, 5));
    }

    @Test
    void listsInstancesById() {
        apply(task(B, T0, "in-c"), task(B, T0, "in-a"), task(B, T0, "in-b"));
        assertThat(one(tick(B, T0 + 1_000, 0)).instances())
                .extracting(InstanceWindow::instanceId)
                .containsExactly("in-a", "in-b", "in-c");
    }

    @Test
    void countsAnInstanceBeyondTheLimitInTheBlockOnlyUntilThereIsRoom() {
        for (int i = 0; i < EventLimits.MAX_INSTANCES; i++) {
            apply(task(B, T0, "in-" + i));
        }
        apply(task(B, T0, "in-too-many"));
        assertThat(windows.untracked()).isEqualTo(1);
        WindowClosed window = one(tick(B, T0 + 1_000, 0));
        assertThat(window.instances()).hasSize(EventLimits.MAX_INSTANCES);
        assertThat(window.block().tasksProcessed()).isEqualTo(all(EventLimits.MAX_INSTANCES + 1));

        one(tick(B, T0 + 1_000_000, 0));
        apply(task(B, T0 + 1_000_000, "in-too-many"));
        assertThat(one(tick(B, T0 + 1_001_000, 0)).instances()).hasSize(1);
    }

    @Test
    void forgetsInTheStoreWhatIsGone() {
        Map<String, byte[]> store = new TreeMap<>();
        StateSink sink = Stores.into(store);
        apply(task(B, T0, "in-a"), tick(B, T0 + 1_000, 0, new InstanceLoad("in-b", 1)));
        windows.writeChanges(sink);
        assertThat(store.keySet()).hasSize(5).anyMatch(name -> name.endsWith("/in-a"));

        windows.apply(tick(B, T0 + 2_000_000, 0));
        windows.writeChanges(sink);
        assertThat(store.keySet()).noneMatch(name -> name.contains("/in-"));
    }

    @Test
    void takesAnInstanceUpAgainAfterTheStoreForgotIt() {
        Map<String, byte[]> store = new TreeMap<>();
        StateSink sink = Stores.into(store);
        apply(task(B, T0, "in-a"));
        windows.writeChanges(sink);
        // The same place in the ring, and the same name in the store, 900 s later.
        windows.apply(tick(B, T0 + 900_000, 0));
        apply(task(B, T0 + 900_000, "in-a"));
        windows.writeChanges(sink);
        assertThat(BlockWindows.restore(B, store).snapshot()).isEqualTo(windows.snapshot());
    }

    @Test
    void restoresTheStateOfABlockWithoutEvents() {
        assertThat(windows.snapshot()).isEmpty();
        assertThat(BlockWindows.restore(B, windows.snapshot()).apply(task(B, T0, "in-a")))
                .isEmpty();
    }

    @Test
    void refusesAStoreWithoutAClock() {
        Map<String, byte[]> store = new TreeMap<>();
        apply(task(B, T0, "in-a"));
        windows.writeChanges(Stores.into(store));
        store.remove("clock");
        assertThatThrownBy(() -> BlockWindows.restore(B, store))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("stored windows of block block-1: the clock is missing");
    }

    @Test
    void refusesAnEventOfAnotherBlockAndOneOutsideTheLimits() {
        assertThatThrownBy(() -> windows.apply(task("other", T0, "in-a")))
                .hasMessage("blockId: other (expected: block-1)");
        assertThatThrownBy(() -> windows.apply(task(B, -1, "in-a")))
                .hasMessage("atMs: -1 (expected: 0 to 253402300799999)");
        assertThat(windows.snapshot()).isEmpty();
    }

    private void apply(TaskEvent... events) {
        for (TaskEvent event : events) {
            windows.apply(event);
        }
    }

    private WindowClosed one(TaskEvent event) {
        List<WindowClosed> closed = windows.apply(event);
        assertThat(closed).hasSize(1);
        return closed.getFirst();
    }

    /** Moves time on, second by second, with ticks that name no instance. */
    private List<WindowClosed> seconds(long from, long to) {
        List<WindowClosed> closed = new ArrayList<>();
        for (long at = from; at <= to; at += 1_000) {
            closed.addAll(windows.apply(tick(B, at, 0)));
        }
        return closed;
    }

    private static WindowClosed at(List<WindowClosed> closed, long asOf) {
        return closed.stream().filter(w -> w.asOfMs() == asOf).findFirst().orElseThrow();
    }

    private static WindowStats instance(WindowClosed window, String id) {
        return window.instances().stream()
                .filter(i -> i.instanceId().equals(id))
                .findFirst()
                .orElseThrow()
                .stats();
    }

    private static Rolling all(double value) {
        return new Rolling(value, value, value, value);
    }
}

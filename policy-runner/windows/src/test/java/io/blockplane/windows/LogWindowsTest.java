package io.blockplane.windows;

import static io.blockplane.windows.Histories.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Envelope;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.WindowClosed;
import io.blockplane.windows.LogWindows.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LogWindowsTest {

    private static final long T0 = 1_700_000_000_000L;

    @Test
    void putsEachWindowInTheEnvelopeThatItHasInTheLog() {
        LogWindows windows = new LogWindows();
        closed(windows, "task-1", task("b", T0, "in-a"));
        List<Envelope<WindowClosed>> closed =
                closed(windows, "task-2", task("b", T0 + 2_000, "in-a"));
        assertThat(closed)
                .extracting(Envelope::id)
                .containsExactly("win-b-1700000001000", "win-b-1700000002000");
        assertThat(closed)
                .allSatisfy(envelope -> {
                    assertThat(envelope.source()).isEqualTo("/windows");
                    assertThat(envelope.timeMs()).isEqualTo(envelope.event().asOfMs());
                    assertThat(envelope.causationId()).isEqualTo("task-2");
                    assertThat(envelope.correlationId()).isNull();
                });
    }

    @Test
    void refusesWhatCanNotBeCountedAndGoesOn() {
        LogWindows windows = new LogWindows();
        closed(windows, "task-1", task("b", T0, "in-a"));
        assertThat(windows.apply("task-2", task("b", -5, "in-a")))
                .isEqualTo(new Outcome.Refused("atMs: -5 (expected: 0 to 253402300799999)"));
        assertThat(closed(windows, "task-3", task("b", T0 + 1_000, "in-a")))
                .singleElement()
                .satisfies(
                        e -> assertThat(e.event().block().tasksProcessed().current()).isEqualTo(1));
    }

    @Test
    void givesABlockTheSameWindowsWhateverOtherBlocksDo() {
        SplittableRandom random = new SplittableRandom(7);
        for (int seed = 0; seed < 50; seed++) {
            List<List<TaskEvent>> blocks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                blocks.add(Histories.of("b" + i, 3L * seed + i, 30));
            }
            LogWindows together = new LogWindows();
            List<List<WindowClosed>> actual =
                    List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            int[] next = new int[3];
            for (int left = 90; left > 0; ) {
                int i = random.nextInt(3);
                if (next[i] < 30) {
                    TaskEvent event = blocks.get(i).get(next[i]++);
                    closed(together, "e", event).forEach(w -> actual.get(i).add(w.event()));
                    left--;
                }
            }
            for (int i = 0; i < 3; i++) {
                BlockWindows alone = new BlockWindows("b" + i);
                List<WindowClosed> expected =
                        blocks.get(i).stream().flatMap(e -> alone.apply(e).stream()).toList();
                assertThat(actual.get(i)).as("seed %d, block %d", seed, i).isEqualTo(expected);
            }
        }
    }

    private static List<Envelope<WindowClosed>> closed(
            LogWindows windows, String eventId, TaskEvent event) {
        return switch (windows.apply(eventId, event)) {
            case Outcome.Counted(List<Envelope<WindowClosed>> closed) -> closed;
            case Outcome.Refused(String reason) -> throw new AssertionError(reason);
        };
    }
}

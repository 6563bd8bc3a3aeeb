package io.blockplane.windows;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.EventJson;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.WindowClosed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories against {@link NaiveWindows}, to the byte; each also stored and restored at
 * every place and in arbitrary batches. {@code -Dseeds=} says how many (default 2,000); a failure
 * names its seed.
 */
class BlockWindowsHistoryTest {

    private static final int PER_TEST = 100;

    /** Events after a cut that are looked at; the short histories are so looked at to their end. */
    private static final int TAIL = 15;

    private static final String BLOCK = "block-1";

    static IntStream hundreds() {
        return IntStream.range(0, Integer.getInteger("seeds", 2_000) / PER_TEST);
    }

    @ParameterizedTest(name = "seeds from {0} hundred")
    @MethodSource("hundreds")
    void equalTheNaiveRecomputationHoweverTheyAreCutAndBatched(int hundred) {
        for (int i = 0; i < PER_TEST; i++) {
            long seed = (long) hundred * PER_TEST + i;
            List<TaskEvent> history = history(seed);
            List<List<WindowClosed>> expected = new ArrayList<>();
            NaiveWindows naive = new NaiveWindows(BLOCK);
            history.forEach(event -> expected.add(naive.apply(event)));

            List<byte[]> snapshots = uncutEqualsToTheByte(seed, history, expected);
            cutOnceAtEveryPlace(seed, history, expected, snapshots);
            cutAtEveryPlaceAtOnce(seed, history, expected, snapshots);
            batched(seed, history, expected, snapshots);
        }
    }

    /** Most are short, so that there are many beginnings and ends; some fill the longest window. */
    private static List<TaskEvent> history(long seed) {
        SplittableRandom random = new SplittableRandom(~seed);
        int events = random.nextInt(10) == 0 ? random.nextInt(30, 120) : random.nextInt(2, 16);
        return Histories.of(BLOCK, seed, events);
    }

    /** Returns the state before each event, and after the last. */
    private static List<byte[]> uncutEqualsToTheByte(
            long seed, List<TaskEvent> history, List<List<WindowClosed>> expected) {
        List<byte[]> snapshots = new ArrayList<>();
        BlockWindows windows = new BlockWindows(BLOCK);
        for (int i = 0; i < history.size(); i++) {
            snapshots.add(windows.snapshot());
            assertThat(windows.apply(history.get(i)).stream().map(EventJson::text))
                    .as("seed %d, event %d", seed, i)
                    .containsExactlyElementsOf(
                            expected.get(i).stream().map(EventJson::text).toList());
        }
        snapshots.add(windows.snapshot());
        return snapshots;
    }

    private static void cutOnceAtEveryPlace(
            long seed,
            List<TaskEvent> history,
            List<List<WindowClosed>> expected,
            List<byte[]> snapshots) {
        for (int cut = 0; cut < history.size(); cut++) {
            BlockWindows windows = BlockWindows.restore(BLOCK, snapshots.get(cut));
            for (int i = cut; i < Math.min(history.size(), cut + TAIL); i++) {
                check(seed, i, windows.apply(history.get(i)), expected.get(i));
            }
        }
    }

    private static void cutAtEveryPlaceAtOnce(
            long seed,
            List<TaskEvent> history,
            List<List<WindowClosed>> expected,
            List<byte[]> snapshots) {
        BlockWindows windows = new BlockWindows(BLOCK);
        for (int i = 0; i < history.size(); i++) {
            windows = BlockWindows.restore(BLOCK, windows.snapshot());
            assertThat(windows.snapshot())
                    .as("seed %d, event %d", seed, i)
                    .isEqualTo(snapshots.get(i));
            check(seed, i, windows.apply(history.get(i)), expected.get(i));
        }
    }

    /** As the topology works: changes go to a store, from which work begins anew at times. */
    private static void batched(
            long seed,
            List<TaskEvent> history,
            List<List<WindowClosed>> expected,
            List<byte[]> snapshots) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, byte[]> store = new TreeMap<>();
        BlockWindows windows = new BlockWindows(BLOCK);
        int next = 0;
        while (next < history.size()) {
            int end = Math.min(history.size(), next + random.nextInt(1, 6));
            for (; next < end; next++) {
                check(seed, next, windows.apply(history.get(next)), expected.get(next));
            }
            windows.writeChanges(Stores.into(store));
            BlockWindows restored = BlockWindows.restore(BLOCK, store);
            assertThat(restored.snapshot())
                    .as("seed %d, stored after event %d", seed, next)
                    .isEqualTo(snapshots.get(next));
            windows = random.nextBoolean() ? restored : windows;
        }
    }

    /** Equal records have equal bytes: record equality tells doubles apart by their bits. */
    private static void check(
            long seed, int event, List<WindowClosed> actual, List<WindowClosed> expected) {
        if (!actual.equals(expected)) {
            assertThat(actual).as("seed %d, event %d", seed, event).isEqualTo(expected);
        }
    }
}

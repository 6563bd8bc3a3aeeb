package io.blockplane.windows;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The windows of one instance, or of a block as a whole: a ring of seconds and four running sums.
 *
 * <ol>
 *   <li>One second is open: the last one that time has reached. The ring has the 899 before it.
 *   <li>What is seen is added to its second and to every window that will hold that second at the
 *       next tick, which is the end of the open second.
 *   <li>When time moves on by a second, each window loses the second that falls out of it.
 * </ol>
 */
final class Series {

    static final int SECONDS = WindowLength.FIFTEEN_MINUTES.seconds();

    /** By second modulo {@link #SECONDS}, encoded; absent when nothing was seen in it. */
    private final byte[] @Nullable [] closed = new byte[SECONDS][];

    private final RollingTally current = new RollingTally(WindowLength.CURRENT);
    private final RollingTally oneMinute = new RollingTally(WindowLength.ONE_MINUTE);
    private final RollingTally fiveMinutes = new RollingTally(WindowLength.FIVE_MINUTES);
    private final RollingTally fifteenMinutes = new RollingTally(WindowLength.FIFTEEN_MINUTES);
    private final List<RollingTally> windows =
            List.of(current, oneMinute, fiveMinutes, fifteenMinutes);
    private final BitSet changed = new BitSet(SECONDS);
    private final BitSet stored = new BitSet(SECONDS);
    private Tally open = new Tally();
    private long openSecond;

    Series(long openSecond) {
        this.openSecond = openSecond;
    }

    RollingTally current() {
        return current;
    }

    RollingTally oneMinute() {
        return oneMinute;
    }

    RollingTally fiveMinutes() {
        return fiveMinutes;
    }

    RollingTally fifteenMinutes() {
        return fifteenMinutes;
    }

    /** Whether nothing at all is left in the longest window. */
    boolean isEmpty() {
        return fifteenMinutes.sum(Measure.TASKS) == 0 && fifteenMinutes.sum(Measure.TICKS) == 0;
    }

    /** Counts something in a second that is in the ring. */
    void add(long second, Tally seen) {
        int index = index(second);
        if (second == openSecond) {
            open.add(seen);
        } else {
            byte[] bytes = closed[index];
            Tally tally = bytes == null ? new Tally() : Tally.decode(bytes).tally();
            tally.add(seen);
            closed[index] = tally.encode(second);
        }
        addToWindows(second, seen);
        changed.set(index);
    }

    /** Moves time on; the windows then are those of the tick at the end of the new open second. */
    void advance(long seconds) {
        if (seconds >= SECONDS) {
            openSecond += seconds;
            clear();
            return;
        }
        for (long i = 0; i < seconds; i++) {
            advance();
        }
    }

    private void advance() {
        if (!open.isEmpty()) {
            closed[index(openSecond)] = open.encode(openSecond);
            open = new Tally();
        }
        openSecond++;
        for (RollingTally window : windows) {
            byte[] leaving = closed[index(openSecond - window.seconds())];
            if (leaving != null) {
                window.subtract(Tally.decode(leaving).tally());
            }
        }
        closed[index(openSecond)] = null;
    }

    private void clear() {
        Arrays.fill(closed, null);
        open = new Tally();
        windows.forEach(RollingTally::clear);
    }

    /**
     * Takes a stored second in. One that has left the ring since is ignored, but for the fact that
     * the store has it.
     */
    void load(int index, byte[] bytes) {
        stored.set(index);
        Tally.OfSecond loaded = Tally.decode(bytes);
        if (loaded.second() > openSecond) {
            throw new IllegalStateException(
                    "stored second: %d (expected: up to %d, the clock)"
                            .formatted(loaded.second(), openSecond));
        }
        if (loaded.second() <= openSecond - SECONDS) {
            return;
        }
        if (loaded.second() == openSecond) {
            open = loaded.tally();
        } else {
            closed[index(loaded.second())] = bytes;
        }
        addToWindows(loaded.second(), loaded.tally());
    }

    /** Hands over every second that has something in it. */
    void forEachSecond(ObjIntConsumer<byte[]> consumer) {
        for (int index = 0; index < SECONDS; index++) {
            byte[] bytes = encoded(index);
            if (bytes != null) {
                consumer.accept(bytes, index);
            }
        }
    }

    /** Writes what changed since the last call. */
    void writeChanges(IntFunction<String> name, StateSink sink) {
        for (int i = changed.nextSetBit(0); i >= 0; i = changed.nextSetBit(i + 1)) {
            byte[] bytes = encoded(i);
            if (bytes != null) {
                sink.put(name.apply(i), bytes);
                stored.set(i);
            }
        }
        changed.clear();
    }

    /** The places that the store has something for. */
    BitSet stored() {
        return stored;
    }

    private byte @Nullable [] encoded(int index) {
        if (index != index(openSecond)) {
            return closed[index];
        }
        return open.isEmpty() ? null : open.encode(openSecond);
    }

    private void addToWindows(long second, Tally seen) {
        for (RollingTally window : windows) {
            if (second > openSecond - window.seconds()) {
                window.add(seen);
            }
        }
    }

    private static int index(long second) {
        return Math.floorMod(second, SECONDS);
    }
}

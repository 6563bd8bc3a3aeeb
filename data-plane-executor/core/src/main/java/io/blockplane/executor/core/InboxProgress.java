package io.blockplane.executor.core;

import java.util.List;
import java.util.TreeSet;

/**
 * How far one partition of the inbox has been worked off, when tasks end in any order. An offset
 * that was read is <em>open</em> until its task's terminal event is part of a transaction. What is
 * committed with that transaction is the lowest open offset (the position to read from again), and,
 * in the commit's metadata, which offsets after it are finished: a restarted executor skips exactly
 * those.
 *
 * <p>The metadata always fits into what Kafka allows (4096 bytes), because the owner reads on only
 * while {@link #room} says so.
 */
public final class InboxProgress {

    /** Open offsets at once. */
    public static final int MAX_OPEN = 768;

    /** From the lowest open offset to the next one to read. */
    public static final long MAX_SPAN = 1 << 21;

    private final TreeSet<Long> open;

    /** Open offsets of an earlier run, not read again yet. */
    private final TreeSet<Long> unread;

    private long next;

    private InboxProgress(List<Long> open, long next) {
        this.open = new TreeSet<>(open);
        this.unread = new TreeSet<>(open);
        this.next = next;
    }

    /**
     * What stands in a commit.
     *
     * @param offset everything before it is finished
     * @param metadata which ones after it are, see {@link OffsetRuns}
     */
    public record Committed(long offset, String metadata) {}

    /** A partition that nothing was committed for: the first offset read is its beginning. */
    public static InboxProgress fresh() {
        return new InboxProgress(List.of(), 0);
    }

    /**
     * Goes on where a commit says.
     *
     * @throws IllegalArgumentException when its metadata was not written by {@link #commit}
     */
    public static InboxProgress resume(Committed committed) {
        OffsetRuns runs = OffsetRuns.decode(committed.offset(), committed.metadata());
        return new InboxProgress(runs.open(), runs.end());
    }

    /**
     * Takes notice of the next record read.
     *
     * @return true when it is to be processed; false when it was finished before a restart, or is
     *     in work already (read twice)
     */
    public boolean read(long offset) {
        if (offset < next) {
            return unread.remove(offset);
        }
        next = offset + 1;
        open.add(offset);
        return true;
    }

    /** Its terminal event goes into the next commit. Finishing twice changes nothing. */
    public void finish(long offset) {
        open.remove(offset);
    }

    /** What to commit now. */
    public Committed commit() {
        long offset = open.isEmpty() ? next : open.first();
        return new Committed(offset, new OffsetRuns(List.copyOf(open), next).encode());
    }

    /** Records that may be read now without breaking a limit. */
    public int room() {
        long span = open.isEmpty() ? 0 : next - open.first();
        int fresh = span >= MAX_SPAN ? 0 : MAX_OPEN - open.size();
        // Those of an earlier run come first, and are open already.
        return unread.size() + fresh;
    }

    /** Offsets read (by this run or an earlier one) and not finished. */
    public int open() {
        return open.size();
    }
}

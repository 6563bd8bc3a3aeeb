package io.blockplane.executor.delivery;

import io.blockplane.executor.core.InboxProgress;
import io.blockplane.executor.core.InboxProgress.Committed;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;

/**
 * How far one partition of the outputs is delivered, for as long as this executor has it. Thread
 * safe.
 */
final class OpenDeliveries implements AutoCloseable {

    // Under this object's lock.
    private final InboxProgress progress;
    private long bytes;
    private boolean changed;

    private volatile boolean live = true;

    OpenDeliveries(InboxProgress progress) {
        this.progress = progress;
    }

    /** False: another executor has it. */
    boolean live() {
        return live;
    }

    /** Results that may be read now. */
    synchronized int room() {
        return progress.room();
    }

    /** Of results that are not delivered. */
    synchronized long bytes() {
        return bytes;
    }

    /** True when it is to be looked at: it was not delivered before. */
    synchronized boolean read(long offset, int size) {
        boolean fresh = progress.read(offset);
        bytes += fresh ? size : 0;
        changed = true;
        return fresh;
    }

    synchronized void finish(long offset, int size) {
        progress.finish(offset);
        bytes -= size;
        changed = true;
    }

    /** What to commit; null when nothing changed since the last one. */
    synchronized @Nullable OffsetAndMetadata commit() {
        if (!changed) {
            return null;
        }
        changed = false;
        Committed commit = progress.commit();
        return new OffsetAndMetadata(commit.offset(), commit.metadata());
    }

    @Override
    public void close() {
        live = false;
    }
}

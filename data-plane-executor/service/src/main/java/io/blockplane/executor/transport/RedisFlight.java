package io.blockplane.executor.transport;

import com.google.protobuf.ByteString;
import io.blockplane.executor.transport.Transport.Flight;
import io.blockplane.executor.transport.Transport.Work;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** One task on its way through an instance's list. Whatever comes first ends it, once. */
final class RedisFlight implements Flight {

    private final long number;
    private final byte[] packet;
    private final Work work;
    private final Transport.Listener listener;
    private final BiConsumer<RedisFlight, Attempt> over;

    // Under this object's lock.
    private boolean ended;
    private int requested;
    private @Nullable ByteString held;
    private @Nullable Future<?> timeout;

    /**
     * A task that is about to be handed over.
     *
     * @param packet as it goes into the list
     * @param over called once, before the listener hears of the end
     */
    RedisFlight(
            long number,
            byte[] packet,
            Work work,
            Transport.Listener listener,
            BiConsumer<RedisFlight, Attempt> over) {
        this.number = number;
        this.packet = packet;
        this.work = work;
        this.listener = listener;
        this.over = over;
    }

    long number() {
        return number;
    }

    byte[] packet() {
        return packet;
    }

    String correlation() {
        return work.packet().correlation();
    }

    /** What runs out is to be stopped when it ends. */
    void timeout(Future<?> running) {
        boolean late;
        synchronized (this) {
            timeout = running;
            late = ended;
        }
        if (late) {
            running.cancel(false);
        }
    }

    /** False when it had ended. */
    boolean answered(ByteString data) {
        if (work.stream()) {
            synchronized (this) {
                if (ended || held != null) {
                    return false;
                }
                if (requested == 0) {
                    held = data;
                    return true;
                }
            }
            return endStream(data);
        }
        return end(new Attempt.Answered(data, 0, 0));
    }

    void lost(String detail) {
        var _ = end(new Attempt.Lost(detail));
    }

    @Override
    public void request(int pieces) {
        ByteString data;
        synchronized (this) {
            requested += pieces;
            data = held;
        }
        if (data != null) {
            var _ = endStream(data);
        }
    }

    @Override
    public void cancel() {
        var _ = end(new Attempt.Abandoned());
    }

    /** True when this was its end. */
    boolean end(Attempt attempt) {
        if (!close()) {
            return false;
        }
        over.accept(this, attempt);
        listener.ended(attempt);
        return true;
    }

    /** Such an instance has its answer whole: a stream of it is one piece. */
    private boolean endStream(ByteString data) {
        if (!close()) {
            return false;
        }
        Attempt attempt = new Attempt.Answered(ByteString.EMPTY, 0, 0);
        over.accept(this, attempt);
        if (!data.isEmpty()) {
            listener.piece(data);
        }
        listener.ended(attempt);
        return true;
    }

    private boolean close() {
        Future<?> running;
        synchronized (this) {
            if (ended) {
                return false;
            }
            ended = true;
            running = timeout;
        }
        if (running != null) {
            running.cancel(false);
        }
        return true;
    }
}

package io.blockplane.executor.transport;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Lets a stream's pieces through to its listener as it asks for them, one at a time and in order,
 * and its end after the last. Thread safe; calls nobody while it holds its lock.
 */
final class PieceGate {

    private final Transport.Listener listener;
    private final Runnable hungry;
    private final Queue<ByteString> waiting = new ArrayDeque<>();
    private long wanted;
    private @Nullable Attempt end;
    private boolean ended;
    private boolean letting;

    /**
     * Makes one.
     *
     * @param hungry called when pieces are wanted and none is here
     */
    PieceGate(Transport.Listener listener, Runnable hungry) {
        this.listener = listener;
        this.hungry = hungry;
    }

    void request(int pieces) {
        synchronized (this) {
            wanted += pieces;
        }
        let();
    }

    /** One more; passed over when the end is known. */
    void piece(ByteString text) {
        synchronized (this) {
            if (end != null) {
                return;
            }
            waiting.add(text);
        }
        let();
    }

    /** Looks whether more is to be fetched: what came held no piece. */
    void nothing() {
        let();
    }

    /** It ends when the pieces that are here were let through. */
    void end(Attempt attempt) {
        synchronized (this) {
            end = end == null ? attempt : end;
        }
        let();
    }

    /** It ends now, whatever waits; false when an end was known before. */
    boolean abort(Attempt attempt) {
        synchronized (this) {
            if (end != null && waiting.isEmpty()) {
                return false;
            }
            waiting.clear();
            end = attempt;
        }
        let();
        return true;
    }

    private void let() {
        while (true) {
            ByteString piece = null;
            Attempt last = null;
            synchronized (this) {
                if (letting || ended) {
                    return;
                }
                if (!waiting.isEmpty() && wanted > 0) {
                    wanted--;
                    piece = waiting.poll();
                } else if (waiting.isEmpty() && end != null) {
                    ended = true;
                    last = end;
                } else if (!waiting.isEmpty() || wanted == 0) {
                    return;
                }
                letting = piece != null || last != null;
            }
            if (last != null) {
                listener.ended(last);
                return;
            }
            if (piece == null) {
                hungry.run();
                return;
            }
            try {
                listener.piece(piece);
            } finally {
                synchronized (this) {
                    letting = false;
                }
            }
        }
    }
}

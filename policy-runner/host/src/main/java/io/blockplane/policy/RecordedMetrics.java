package io.blockplane.policy;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.MetricsRead;
import io.blockplane.events.document.Document;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives a call that is executed again what the log says that {@code get_metrics()} returned. */
final class RecordedMetrics implements MetricsSource {

    private final Deque<Metrics> reads;
    private Metrics last = Metrics.NONE;

    private RecordedMetrics(List<Metrics> reads) {
        this.reads = new ArrayDeque<>(reads);
    }

    /** The id of a window that a decision read and that is not there; null when all are. */
    static @Nullable String missing(PolicyDecided decision, WindowDocuments windows) {
        return missing(decision.effects(), windows);
    }

    static @Nullable String missing(List<Effect> effects, WindowDocuments windows) {
        for (Effect effect : effects) {
            if (effect instanceof MetricsRead read
                    && read.windowId() != null
                    && windows.of(read.windowId()) == null) {
                return read.windowId();
            }
        }
        return null;
    }

    /** All that a decision read must be there, see {@link #missing}. */
    static RecordedMetrics of(PolicyDecided decision, WindowDocuments windows) {
        return of(decision.effects(), windows);
    }

    static RecordedMetrics of(List<Effect> effects, WindowDocuments windows) {
        List<Metrics> reads = new ArrayList<>();
        for (Effect effect : effects) {
            if (effect instanceof MetricsRead read) {
                reads.add(metrics(read, windows));
            }
        }
        return new RecordedMetrics(reads);
    }

    /** A read that is not recorded gets the last one again; the record will differ anyway. */
    @Override
    public Metrics current() {
        Metrics next = reads.poll();
        last = next == null ? last : next;
        return last;
    }

    private static Metrics metrics(MetricsRead read, WindowDocuments windows) {
        String windowId = read.windowId();
        if (windowId == null) {
            return Metrics.NONE;
        }
        Document document = windows.of(windowId);
        if (document == null) {
            throw new IllegalStateException("window " + windowId + " is gone");
        }
        return Metrics.again(read, document);
    }
}

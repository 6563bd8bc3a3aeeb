package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.Topic;
import io.blockplane.log.LogRecord;
import io.blockplane.log.RecordCodec;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of one block, kind and lane, in the order of the log, read from where they were put
 * down. When a selection begins in the middle, it has of the earlier ones what it takes to have the
 * policy's state: the last INIT and all since then, or the last INIT, the last state that was
 * written down and all since that.
 */
final class Chain {

    /** Without a record. */
    static final Chain NONE = new Chain(null);

    private final @Nullable Spool spool;
    private long[] places = new long[16];
    private int size;
    private int before;
    private boolean skips;
    private boolean initFirst;
    private boolean cut;

    /**
     * Of no record yet.
     *
     * @param spool where they are put down; null: there will be none
     */
    Chain(@Nullable Spool spool) {
        this.spool = spool;
    }

    /** One of the selection. */
    void add(ConsumerRecord<String, byte[]> record) {
        if (size == places.length) {
            places = Arrays.copyOf(places, 2 * size);
        }
        places[size++] = Objects.requireNonNull(spool).add(record);
    }

    /** One from before the selection. */
    void addEarlier(ConsumerRecord<String, byte[]> record, PolicyDecided decided) {
        cut = true;
        if (decided.call() == Call.INIT) {
            size = 0;
            skips = false;
            initFirst = true;
        } else if (decided.call() == Call.SNAPSHOT
                && decided.outcome() == Outcome.RETURNED
                && initFirst) {
            skips |= size > 1;
            size = 1;
        }
        add(record);
        before = size;
    }

    /** How many of its records are from before the selection. */
    int before() {
        return before;
    }

    /** Whether something that is in the log was left out before its first record. */
    boolean cut() {
        return cut;
    }

    /** Whether something that is in the log was left out between its first record and the next. */
    boolean skips() {
        return skips;
    }

    int size() {
        return size;
    }

    /** Decoded at each access. */
    List<LogRecord<Event>> records() {
        return new AbstractList<>() {
            @Override
            public LogRecord<Event> get(int index) {
                Objects.checkIndex(index, size);
                return RecordCodec.decode(
                        Topic.DECISIONS, Objects.requireNonNull(spool).read(places[index]));
            }

            @Override
            public int size() {
                return size;
            }
        };
    }
}

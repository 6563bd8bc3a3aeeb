package io.blockplane.executor.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.blockplane.executor.packet.Packet;
import io.blockplane.executor.packet.Tagged;
import io.blockplane.executor.resp.Answers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What instances behind Redis lists have in their hands, of all blocks: an answer comes without a
 * word of which instance gave it, so it finds its task by the number in the packet; or, when an
 * instance made a packet of its own, by session and sequence number, the oldest first. Thread safe.
 */
public final class TasksInHand implements Answers, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TasksInHand.class);

    private final AtomicLong numbers;
    private final Map<Long, RedisFlight> flights = new ConcurrentHashMap<>();
    private final Map<String, Deque<RedisFlight>> byCorrelation = new ConcurrentHashMap<>();
    private final AtomicLong unmatched = new AtomicLong();
    private final ScheduledThreadPoolExecutor timer;

    /**
     * Nothing is in anyone's hands.
     *
     * @param first number of a task; no other run of any executor may have used it or the ones
     *     after it
     */
    public TasksInHand(long first) {
        this.numbers = new AtomicLong(first);
        this.timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("redis-timer").factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Answers that nobody waited for: late, doubled, or nobody's. */
    public long unmatched() {
        return unmatched.get();
    }

    @Override
    public boolean answered(byte[] bytes) {
        Packet packet;
        try {
            packet = Packet.read(ByteString.copyFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
            return nobodys("not a packet: " + e.getMessage());
        }
        OptionalLong number = Tagged.number(bytes);
        RedisFlight flight =
                number.isPresent() ? flights.get(number.getAsLong()) : oldest(packet.correlation());
        if (flight == null) {
            return nobodys(packet.correlation());
        }
        return flight.answered(packet.parsed().getDataBytes());
    }

    @Override
    public boolean inHand(long number) {
        return flights.containsKey(number);
    }

    @Override
    public void lost(long number, String detail) {
        RedisFlight flight = flights.get(number);
        if (flight != null) {
            flight.lost(detail);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    long nextNumber() {
        return numbers.getAndIncrement();
    }

    void add(RedisFlight flight) {
        flights.put(flight.number(), flight);
        byCorrelation.compute(
                flight.correlation(),
                (_, known) -> {
                    Deque<RedisFlight> all = known == null ? new ArrayDeque<>() : known;
                    all.add(flight);
                    return all;
                });
    }

    void remove(RedisFlight flight) {
        flights.remove(flight.number());
        byCorrelation.computeIfPresent(
                flight.correlation(),
                (_, all) -> {
                    all.remove(flight);
                    return all.isEmpty() ? null : all;
                });
    }

    Future<?> after(Duration limit, Runnable step) {
        return timer.schedule(step, limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private @Nullable RedisFlight oldest(String correlation) {
        RedisFlight[] found = new RedisFlight[1];
        byCorrelation.computeIfPresent(
                correlation,
                (_, all) -> {
                    found[0] = all.peek();
                    return all;
                });
        return found[0];
    }

    private boolean nobodys(String what) {
        unmatched.incrementAndGet();
        LOG.atDebug().addKeyValue("answer", what).log("nobody waits for this answer");
        return false;
    }
}

package io.blockplane.cli.client;

import io.blockplane.proto.aios.AIOSPacket;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Open-loop load: requests leave at their planned times whether or not earlier ones were answered,
 * and latency counts from the planned time, so that a slow server can't hide its queue (no
 * coordinated omission). Bounded: above {@link #MAX_IN_FLIGHT} unanswered requests a planned one is
 * counted as not sent.
 */
public final class LoadGenerator {

    /** Requests without an answer at any time. */
    public static final int MAX_IN_FLIGHT = 4096;

    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(30);
    private static final long HIGHEST_LATENCY_US = 60_000_000;

    private final Call call;
    private final LongFunction<AIOSPacket> packets;
    private final Histogram latencyUs = new ConcurrentHistogram(HIGHEST_LATENCY_US, 3);
    private final Map<String, LongAdder> errors = new ConcurrentSkipListMap<>();
    private final LongAdder completed = new LongAdder();
    private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);
    private volatile boolean stopped;

    /** One request; completes when it is answered. */
    public interface Call {
        CompletableFuture<?> send(AIOSPacket packet, long timeoutMs);
    }

    /**
     * What came of it.
     *
     * @param errors number by gRPC status code, and {@code NOT_SENT}
     * @param latencyUs of the answered ones, microseconds from the planned time
     */
    public record Result(
            long planned, long completed, Map<String, Long> errors, Histogram latencyUs) {

        public long failed() {
            return errors.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * Prepares.
     *
     * @param packets the packet of each request number, from 0
     */
    public LoadGenerator(Call call, LongFunction<AIOSPacket> packets) {
        this.call = call;
        this.packets = packets;
    }

    /**
     * Packets for the embedding instance: {@code texts} sentences of {@code words} words, over so
     * many sessions.
     */
    public static LongFunction<AIOSPacket> sentences(
            String run, int sessions, int texts, int words) {
        return number -> {
            SplittableRandom random = new SplittableRandom(number);
            StringBuilder data = new StringBuilder("{\"texts\":[");
            for (int t = 0; t < texts; t++) {
                data.append(t == 0 ? "\"" : ",\"");
                for (int w = 0; w < words; w++) {
                    data.append(w == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
                }
                data.append('"');
            }
            return AIOSPacket.newBuilder()
                    .setSessionId(run + "-" + number % sessions)
                    .setSeqNo(number / sessions)
                    .setData(data.append("]}").toString())
                    .setTs(System.currentTimeMillis() / 1000.0)
                    .build();
        };
    }

    /** Ends a run early: nothing more is sent, what was sent is waited for. */
    public void stop() {
        stopped = true;
    }

    /**
     * Sends at a constant rate for a time, or until {@link #stop}, and waits for the answers.
     *
     * @param perSecond called about once a second with the running totals
     */
    public Result run(double ratePerSecond, Duration duration, @Nullable Consumer<Result> perSecond)
            throws InterruptedException {
        long planned = Math.round(ratePerSecond * duration.toMillis() / 1000.0);
        long start = System.nanoTime();
        long nextReport = start + 1_000_000_000L;
        long number = 0;
        for (; number < planned && !stopped; number++) {
            long due = start + (long) (number * 1e9 / ratePerSecond);
            pauseUntil(due);
            send(number, due);
            if (perSecond != null && System.nanoTime() >= nextReport) {
                perSecond.accept(result(number + 1));
                nextReport += 1_000_000_000L;
            }
        }
        // Every request has a deadline of its own, so this ends.
        inFlight.acquire(MAX_IN_FLIGHT);
        inFlight.release(MAX_IN_FLIGHT);
        return result(number);
    }

    private static void pauseUntil(long due) throws InterruptedException {
        for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
            LockSupport.parkNanos(due - now);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private void send(long number, long dueNanos) {
        if (!inFlight.tryAcquire()) {
            count("NOT_SENT");
            return;
        }
        CompletableFuture<?> _ =
                call.send(packets.apply(number), REQUEST_LIMIT.toMillis())
                        .whenComplete((_, error) -> {
                            inFlight.release();
                            if (error == null) {
                                completed.increment();
                                latencyUs.recordValue(
                                        Math.min(
                                                HIGHEST_LATENCY_US,
                                                (System.nanoTime() - dueNanos) / 1000));
                            } else {
                                count(Status.fromThrowable(error).getCode().name());
                            }
                        });
    }

    private void count(String error) {
        errors.computeIfAbsent(error, _ -> new LongAdder()).increment();
    }

    private Result result(long planned) {
        Map<String, Long> byCode = new TreeMap<>();
        errors.forEach((code, number) -> byCode.put(code, number.sum()));
        return new Result(planned, completed.sum(), byCode, latencyUs);
    }

    private static final String[] WORDS = {
        "the",
        "river",
        "carries",
        "snow",
        "from",
        "mountain",
        "to",
        "harbour",
        "every",
        "spring",
        "and",
        "boats",
        "wait",
        "for",
        "water",
        "that",
        "sings",
        "under",
        "old",
        "stone",
        "bridges",
        "while",
        "gulls",
        "follow",
        "bread",
        "along",
        "narrow",
        "streets",
        "of",
        "town"
    };
}

package io.blockplane.load;

import io.grpc.Status;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** Counts while a run goes on. Any thread. */
final class Tally {

    /** Longer ones count as this. */
    static final long HIGHEST_NANOS = 3_600_000_000_000L;

    private static final int DIGITS = 3;

    private final long startNanos;
    private final LongAdder planned = new LongAdder();
    private final LongAdder answered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder inputTokens = new LongAdder();
    private final LongAdder outputTokens = new LongAdder();
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
    private final Histogram latency = new ConcurrentHistogram(HIGHEST_NANOS, DIGITS);
    private final Histogram firstPiece = new ConcurrentHistogram(HIGHEST_NANOS, DIGITS);
    private final Histogram betweenPieces = new ConcurrentHistogram(HIGHEST_NANOS, DIGITS);
    private final Histogram lag = new ConcurrentHistogram(HIGHEST_NANOS, DIGITS);
    private final Recorder lately = new Recorder(HIGHEST_NANOS, DIGITS);
    private long lastProgressNanos;
    private long answeredThen;

    Tally(long startNanos) {
        this.startNanos = startNanos;
        this.lastProgressNanos = startNanos;
    }

    void planned() {
        planned.increment();
    }

    void sent(long dueNanos, long nowNanos) {
        lag.recordValue(bounded(nowNanos - dueNanos));
    }

    void firstPiece(long nanos) {
        firstPiece.recordValue(bounded(nanos));
    }

    void betweenPieces(long nanos) {
        betweenPieces.recordValue(bounded(nanos));
    }

    void ended(Answer.Ended ended, long nanos) {
        if (ended.status().isOk()) {
            answered.increment();
            inputTokens.add(ended.inputTokens());
            outputTokens.add(ended.outputTokens());
            latency.recordValue(bounded(nanos));
            lately.recordValue(bounded(nanos));
        } else {
            failed(ended.status());
        }
    }

    void notSent() {
        count(LoadReport.NOT_SENT);
    }

    /** Since the last call; called by one thread. */
    Progress progress(int inFlight, long nowNanos) {
        Histogram interval = lately.getIntervalHistogram();
        long answeredNow = answered.sum();
        double seconds = (nowNanos - lastProgressNanos) / 1e9;
        Progress progress =
                new Progress(
                        (nowNanos - startNanos) / 1e9,
                        planned.sum(),
                        answeredNow,
                        failed.sum(),
                        inFlight,
                        seconds > 0 ? (answeredNow - answeredThen) / seconds : 0,
                        interval.getValueAtPercentile(50) / 1e6,
                        interval.getValueAtPercentile(99) / 1e6);
        lastProgressNanos = nowNanos;
        answeredThen = answeredNow;
        return progress;
    }

    LoadReport report(long nowNanos) {
        Map<String, Long> byCode = new TreeMap<>();
        errors.forEach((code, number) -> byCode.put(code, number.sum()));
        return new LoadReport(
                planned.sum(),
                answered.sum(),
                byCode,
                latency,
                firstPiece,
                betweenPieces,
                lag,
                inputTokens.sum(),
                outputTokens.sum(),
                nowNanos - startNanos);
    }

    private void failed(Status status) {
        count(status.getCode().name());
    }

    private void count(String error) {
        failed.increment();
        errors.computeIfAbsent(error, _ -> new LongAdder()).increment();
    }

    private static long bounded(long nanos) {
        return Math.clamp(nanos, 0, HIGHEST_NANOS);
    }
}

package io.blockplane.simulator;

import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.simulator.result.BacktestResult.DecisionMark;
import io.blockplane.simulator.result.BacktestResult.Timeline;
import io.blockplane.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps the accounts of a run. */
final class Ledger {

    /** Steps of a timeline, at most. */
    static final int MAX_STEPS = 400;

    private static final double NANOS_PER_MS = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;

    private final Workload workload;
    private final long sloMs;
    private final long stepNanos;
    private final double[] totalMs;
    private final double[] queueMs;
    private final Map<String, Long> paidSince = new HashMap<>();
    private final List<DecisionMark> decisions = new ArrayList<>();
    private final double[] servingSeconds;
    private final int[] waiting;
    private final int[] misses;
    private double instanceNanos;
    private long servingSince;
    private int serving;
    private int answered;
    private int met;
    private long refused;
    private long failed;
    private int ended;
    private long scaleActions;

    Ledger(Workload workload, long sloMs) {
        this.workload = workload;
        this.sloMs = sloMs;
        this.totalMs = new double[workload.size()];
        this.queueMs = new double[workload.size()];
        long span = Math.max(1, workload.lastNanos());
        long seconds = (long) Math.ceil(span / NANOS_PER_SECOND / MAX_STEPS);
        this.stepNanos = Math.max(1, seconds) * (long) NANOS_PER_SECOND;
        int steps = (int) (span / stepNanos) + 1;
        this.servingSeconds = new double[steps];
        this.waiting = new int[steps];
        this.misses = new int[steps];
    }

    boolean allEnded() {
        return ended == workload.size();
    }

    /** A request has ended. */
    void ended(Task task, Outcome outcome, @Nullable String reason, long nowNanos) {
        ended++;
        double total = (nowNanos - task.request.atNanos()) / NANOS_PER_MS;
        boolean meets = outcome == Outcome.COMPLETED && total <= sloMs;
        if (outcome == Outcome.COMPLETED) {
            totalMs[answered] = total;
            queueMs[answered] = (task.givenNanos - task.request.atNanos()) / NANOS_PER_MS;
            answered++;
        } else if (reason != null && reason.startsWith("RESOURCE_EXHAUSTED")) {
            refused++;
        } else {
            failed++;
        }
        met += meets ? 1 : 0;
        if (!meets) {
            misses[step(nowNanos)]++;
        }
    }

    /** An instance is paid for from here on. */
    void instanceBegins(String instanceId, long nowNanos) {
        paidSince.put(instanceId, nowNanos);
    }

    void instanceEnds(String instanceId, long nowNanos) {
        Long since = paidSince.remove(instanceId);
        if (since != null) {
            pay(since, nowNanos);
        }
    }

    /** So many serve from here on. */
    void serving(int count, long nowNanos) {
        spread(nowNanos);
        serving = count;
    }

    /** A second's boundary. */
    void tick(int nowWaiting, long nowNanos) {
        spread(nowNanos);
        if (nowNanos <= workload.lastNanos()) {
            waiting[step(Math.max(0, nowNanos - 1))] = nowWaiting;
        }
    }

    void decided(DecisionMark mark) {
        decisions.add(mark);
        scaleActions += mark.before() == mark.after() ? 0 : 1;
    }

    RunTrace close(long nowNanos, long events) {
        spread(nowNanos);
        paidSince.values().forEach(since -> pay(since, nowNanos));
        paidSince.clear();
        return new RunTrace(
                Times.ofMs(Arrays.copyOf(totalMs, answered)),
                Times.ofMs(Arrays.copyOf(queueMs, answered)),
                workload.size(),
                (double) met / workload.size(),
                instanceNanos / NANOS_PER_SECOND,
                refused,
                failed,
                workload.size() - ended,
                scaleActions,
                timeline(),
                decisions,
                events);
    }

    private Timeline timeline() {
        List<Double> instances = new ArrayList<>();
        double stepSeconds = stepNanos / NANOS_PER_SECOND;
        for (int i = 0; i < servingSeconds.length; i++) {
            boolean last = i == servingSeconds.length - 1;
            double seconds =
                    last
                            ? Math.max(
                                    1e-9, workload.lastNanos() / NANOS_PER_SECOND - i * stepSeconds)
                            : stepSeconds;
            instances.add(Math.round(servingSeconds[i] / seconds * 1e3) / 1e3);
        }
        return new Timeline(
                stepNanos / 1_000_000,
                instances,
                Arrays.stream(waiting).boxed().toList(),
                Arrays.stream(misses).boxed().toList());
    }

    private void pay(long since, long until) {
        long from = Math.max(since, workload.firstNanos());
        long to = Math.min(until, workload.lastNanos());
        instanceNanos += Math.max(0, to - from);
    }

    private void spread(long untilNanos) {
        long until = Math.min(untilNanos, workload.lastNanos());
        while (servingSince < until) {
            int step = step(servingSince);
            long end = Math.min(until, (step + 1) * stepNanos);
            servingSeconds[step] += serving * (end - servingSince) / NANOS_PER_SECOND;
            servingSince = end;
        }
    }

    private int step(long nanos) {
        return (int) Math.min(nanos / stepNanos, servingSeconds.length - 1);
    }
}

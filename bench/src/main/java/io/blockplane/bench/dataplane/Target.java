package io.blockplane.bench.dataplane;

import io.blockplane.load.Arrival;
import io.blockplane.load.LoadClient;
import io.blockplane.load.LoadReport;
import io.blockplane.load.LoadRun;
import io.blockplane.load.Packets;
import io.blockplane.load.Payload;
import io.blockplane.load.RatePlan;
import io.blockplane.load.RateSchedule;
import io.blockplane.load.Schedule;
import io.blockplane.load.TokenCounts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One thing under measurement, and what was measured of it. */
final class Target implements AutoCloseable {

    private static final int INPUT_WORDS = 16;

    private final String name;
    private final String block;
    private final @Nullable Child child;
    private final LoadClient client;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final List<Round> rounds = new ArrayList<>();

    /**
     * What one round found.
     *
     * @param singleP50Us with one request at a time
     * @param steadyP99Us at the fixed rate, from the planned time
     * @param steadyCpuUs of the process, a request at the fixed rate
     * @param busyCpuUs of the process, a request with many open
     * @param busyRate answers a second with many open
     */
    record Round(
            double singleP50Us,
            double steadyP99Us,
            double steadyCpuUs,
            double busyCpuUs,
            double busyRate) {}

    /**
     * How much of each.
     *
     * @param warmUp requests before the first round
     */
    record Effort(int rounds, int warmUp, int single, int steady, int busy) {}

    /**
     * Makes one.
     *
     * @param child whose CPU counts; null for the backend itself, which is not beside itself
     */
    Target(String name, String target, String block, @Nullable Child child) {
        this.name = name;
        this.block = block;
        this.child = child;
        this.client =
                new LoadClient(
                        target, block, LoadClient.Method.PREDICT, DataPlaneBench.CONNECTIONS);
    }

    String name() {
        return name;
    }

    String block() {
        return block;
    }

    long sent() {
        return sent.get();
    }

    List<Round> rounds() {
        return List.copyOf(rounds);
    }

    /** What was not as it must be, in words; empty when all was. */
    String complaint() {
        return failed.get() + wrong.get() == 0
                ? ""
                : "%s: %d failed, %d with other bytes than were sent"
                        .formatted(name, failed.get(), wrong.get());
    }

    /** Whether it answers; that it does not yet is no failure. */
    boolean serves() throws InterruptedException {
        LoadReport report = run("first").closed(new Same(1), 1);
        // An executor that does not know the block yet has nothing to write an event about.
        sent.addAndGet(report.planned() - report.errors().getOrDefault("NOT_FOUND", 0L));
        return report.failed() == 0;
    }

    void warmUp(int requests) throws IOException, InterruptedException {
        LoadReport _ = closed("warm", requests, DataPlaneBench.BUSY_CONCURRENCY);
    }

    void round(Effort effort) throws IOException, InterruptedException {
        LoadReport single = closed("single", effort.single(), 1);
        Duration before = cpu();
        LoadReport steady = steady(effort.steady());
        double steadyCpu = microseconds(cpu().minus(before)) / steady.planned();
        before = cpu();
        LoadReport busy = closed("busy", effort.busy(), DataPlaneBench.BUSY_CONCURRENCY);
        rounds.add(
                new Round(
                        single.latency().getValueAtPercentile(50) / 1000.0,
                        steady.latency().getValueAtPercentile(99) / 1000.0,
                        steadyCpu,
                        microseconds(cpu().minus(before)) / busy.planned(),
                        busy.rate()));
    }

    @Override
    public void close() {
        client.close();
        if (child != null) {
            child.close();
        }
    }

    private Duration cpu() {
        return child == null ? Duration.ZERO : child.cpu();
    }

    private LoadReport closed(String run, int requests, int concurrency)
            throws InterruptedException {
        return counted(run(run).closed(new Same(requests), concurrency));
    }

    private LoadReport steady(int requests) throws IOException, InterruptedException {
        Duration lasting = Duration.ofMillis(1000L * requests / DataPlaneBench.STEADY_RATE);
        RatePlan plan =
                new RatePlan(
                        List.of(
                                new RatePlan.Phase(
                                        DataPlaneBench.STEADY_RATE,
                                        DataPlaneBench.STEADY_RATE,
                                        lasting)));
        TokenCounts words = new TokenCounts.Fixed(INPUT_WORDS);
        return counted(
                run("steady")
                        .open(
                                new RateSchedule(
                                        plan,
                                        RateSchedule.Spacing.EVEN,
                                        words,
                                        words,
                                        requests,
                                        0)));
    }

    private LoadRun run(String run) {
        return new LoadRun(
                client,
                new Packets(run + "-" + rounds.size(), DataPlaneBench.SESSIONS, Payload.TEXT),
                LoadRun.Settings.DEFAULT.observedBy((packet, ended) -> {
                    if (ended.status().isOk() && !packet.equals(ended.packet())) {
                        wrong.incrementAndGet();
                    }
                }));
    }

    private LoadReport counted(LoadReport report) {
        sent.addAndGet(report.planned());
        failed.addAndGet(report.failed());
        return report;
    }

    private static double microseconds(Duration duration) {
        return duration.toNanos() / 1000.0;
    }

    /** So many requests alike, for a closed loop. */
    static final class Same implements Schedule {

        private final int requests;
        private int made;

        Same(int requests) {
            this.requests = requests;
        }

        @Override
        public @Nullable Arrival next() {
            return made++ < requests ? new Arrival(0, INPUT_WORDS, 0) : null;
        }
    }
}

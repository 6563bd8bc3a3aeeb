package io.blockplane.bench;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.WindowClosed;
import io.blockplane.policy.ChainPosition;
import io.blockplane.policy.HttpAccess;
import io.blockplane.policy.Metrics;
import io.blockplane.policy.MetricsSource;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.RecordedPolicy;
import io.blockplane.policy.Routed;
import io.blockplane.policy.RoutedPacket;
import io.blockplane.policy.RoutingLimits;
import io.blockplane.policy.RoutingPolicy;
import io.blockplane.policy.format.PolicyArchive;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Measures processor time per evaluation, all of it: input built, policy called, result read,
 * record made; and what a balancer adds to a task at a steady rate. Prints as it goes.
 */
public final class PolicyBench {

    /** At least, and then until there is nothing more to gain, and at most. */
    private static final Duration WARM_UP = Duration.ofSeconds(20);

    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final int ROUNDS_WITHOUT_GAIN = 8;
    private static final double GAIN = 0.95;
    private static final int RATE_PER_SECOND = 2_000;
    private static final Duration STEADY = Duration.ofSeconds(10);
    private static final long MAX_MICROS = TimeUnit.SECONDS.toMicros(10);

    /**
     * How to measure.
     *
     * @param python the CPython to compare with
     * @param compiled with the compiler, if the JVM has it
     */
    public record Config(String python, boolean compiled) {}

    private final PrintStream out;
    private final PolicyEngine engine;
    private final Python python;
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    private PolicyBench(PrintStream out, PolicyEngine engine, Python python) {
        this.out = out;
        this.engine = engine;
        this.python = python;
    }

    /** Takes some minutes. */
    public static void run(Config config, PrintStream out)
            throws IOException, InterruptedException {
        try (Python python = new Python(config.python)) {
            out.println("processor time per evaluation, us       here   CPython   ratio");
            try (PolicyEngine engine = engine(config, PolicyEngine.Compilation.SOON)) {
                out.println("as in the executor: " + engine.runtime());
                new PolicyBench(out, engine, python).balancer(Workload.balancer());
            }
            try (PolicyEngine engine = engine(config, PolicyEngine.Compilation.LATE)) {
                out.println("as in the policy runner: " + engine.runtime());
                PolicyBench bench = new PolicyBench(out, engine, python);
                bench.recorded(Workload.autoscaler(8, 500));
                bench.recorded(Workload.autoscaler(1_000, 20));
                bench.recorded(Workload.health());
            }
        }
    }

    private static PolicyEngine engine(Config config, PolicyEngine.Compilation compilation) {
        return PolicyEngine.create(
                new PolicyEngine.Options(
                        config.compiled ? compilation : PolicyEngine.Compilation.NEVER,
                        HttpAccess.NONE));
    }

    private void balancer(Workload workload) throws IOException, InterruptedException {
        PolicyAssignment assignment = assignment(workload);
        Metrics metrics = workload.metrics(1);
        try (RoutingPolicy policy =
                new RoutingPolicy(engine, assignment, ChainPosition.START, RoutingLimits.PATIENT)) {
            check(policy.init(1, () -> metrics));
            Thread lane = thread("balancer-");
            Best best = new Best();
            while (best.mayGain()) {
                long before = threads.getThreadCpuTime(lane.threadId());
                saturate(policy, workload, metrics);
                best.take(micros(lane, before, workload.count()));
            }
            report(workload, best.micros);
            steady(policy, workload, metrics);
        }
    }

    /** Two callers, so that the lane always has the next task: no waking up in the figure. */
    private static void saturate(RoutingPolicy policy, Workload workload, Metrics metrics)
            throws InterruptedException {
        List<Thread> callers =
                List.of(caller(policy, workload, metrics, 0), caller(policy, workload, metrics, 1));
        for (Thread caller : callers) {
            caller.join();
        }
    }

    private static Thread caller(
            RoutingPolicy policy, Workload workload, Metrics metrics, int first) {
        return Thread.ofPlatform()
                .start(() -> {
                    for (int i = first; i < workload.count(); i += 2) {
                        route(policy, workload, metrics, i);
                    }
                });
    }

    /** Whether the policy was there; it is not when too many wait. */
    private static boolean route(RoutingPolicy policy, Workload workload, Metrics metrics, int i) {
        return switch (policy.route(i, new Packet(i), workload.instances(), () -> metrics)) {
            case Routed.Chosen _ -> true;
            case Routed.NoChoice none -> throw new IllegalStateException(none.fallback());
            case Routed.NotCalled _ -> false;
        };
    }

    private void steady(RoutingPolicy policy, Workload workload, Metrics metrics)
            throws InterruptedException {
        ConcurrentHistogram micros = new ConcurrentHistogram(MAX_MICROS, 3);
        LongAdder turnedAway = new LongAdder();
        long interval = TimeUnit.SECONDS.toNanos(1) / RATE_PER_SECOND;
        long count = STEADY.toSeconds() * RATE_PER_SECOND;
        try (ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor()) {
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                int number = i;
                long due = start + i * interval;
                for (long left = due - System.nanoTime();
                        left > 0;
                        left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                tasks.execute(() -> {
                    long asked = System.nanoTime();
                    route(policy, workload, metrics, number);
                    micros.recordValue(Math.min(MAX_MICROS, (System.nanoTime() - asked) / 1_000));
                });
            }
        }
        out.printf(
                "  added to a task at %,d a second, hand-over and evaluation: p50 %d us, p99 %d us,"
                        + " p99.9 %d us; %d of %d turned away%n",
                RATE_PER_SECOND,
                micros.getValueAtPercentile(50),
                micros.getValueAtPercentile(99),
                micros.getValueAtPercentile(99.9),
                turnedAway.sum(),
                count);
    }

    private void recorded(Workload workload) throws IOException {
        WindowClosed[] ticks = new WindowClosed[4];
        for (int i = 0; i < ticks.length; i++) {
            ticks[i] = workload.window(i);
        }
        try (RecordedPolicy policy =
                new RecordedPolicy(
                        engine, assignment(workload), ChainPosition.START, PolicyLimits.PATIENT)) {
            check(policy.init(1, MetricsSource.NONE));
            Thread lane = thread("policy-bench");
            Best best = new Best();
            while (best.mayGain()) {
                long before =
                        threads.getThreadCpuTime(lane.threadId())
                                + threads.getCurrentThreadCpuTime();
                for (int i = 0; i < workload.count(); i++) {
                    Metrics now = Workload.metrics(ticks[i % ticks.length]);
                    check(policy.eval(1_000L * i, workload.input(), () -> now));
                }
                long after =
                        threads.getThreadCpuTime(lane.threadId())
                                + threads.getCurrentThreadCpuTime();
                best.take((after - before) / 1e3 / workload.count());
            }
            report(workload, best.micros);
        }
    }

    /** The best of the rounds so far. */
    private static final class Best {
        private final long started = System.nanoTime();
        private double micros = Double.MAX_VALUE;
        private int withoutGain;

        void take(double round) {
            withoutGain = round < micros * GAIN ? 0 : withoutGain + 1;
            micros = Math.min(micros, round);
        }

        boolean mayGain() {
            long past = System.nanoTime() - started;
            return past < WARM_UP.toNanos()
                    || (withoutGain < ROUNDS_WITHOUT_GAIN && past < LONGEST.toNanos());
        }
    }

    private void report(Workload workload, double micros) throws IOException {
        double cpython = python.measure(workload.task());
        out.printf(
                "%-50s %10.1f %9.1f %7.2f%n", workload.name(), micros, cpython, micros / cpython);
    }

    private double micros(Thread lane, long before, int count) {
        return (threads.getThreadCpuTime(lane.threadId()) - before) / 1e3 / count;
    }

    private PolicyAssignment assignment(Workload workload) {
        return PolicyAssignment.of(
                engine,
                "bench",
                workload.kind(),
                "bench",
                "bench:1-stable",
                PolicyArchive.ofFunction(workload.source()),
                workload.parameters(),
                Json.EMPTY_OBJECT,
                Json.parse("{\"block_data\":{},\"cluster_data\":{}}"));
    }

    private static void check(PolicyDecided decided) {
        if (decided.outcome() != Outcome.RETURNED) {
            throw new IllegalStateException(decided.outcome() + ": " + decided.error());
        }
    }

    private static Thread thread(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith(prefix) && t.isAlive())
                .findFirst()
                .orElseThrow();
    }

    private record Packet(int number) implements RoutedPacket {

        private static final int SESSIONS = 64;

        @Override
        public String sessionId() {
            return "session-" + number % SESSIONS;
        }

        @Override
        public long seqNo() {
            return number;
        }

        @Override
        public byte[] framePtr() {
            return new byte[0];
        }

        @Override
        public String data() {
            return "{}";
        }

        @Override
        public double ts() {
            return 1.5e9;
        }

        @Override
        public String outputPtr() {
            return "";
        }

        @Override
        public List<RoutedFile> files() {
            return List.of();
        }
    }
}

package io.blockplane.bench.dataplane;

import io.blockplane.events.InstanceAddress;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * {@code Predict} through the executor, beside the backend alone, nginx, haproxy and a bare gRPC
 * pass-through: one process each, all in front of the same backend, measured in turns. See
 * bench/README.md.
 */
public final class DataPlaneBench {

    /** Connections of the client to each of them. */
    static final int CONNECTIONS = 4;

    /** Requests a second, when latency is measured under load. */
    static final int STEADY_RATE = 2000;

    /** Requests open at once, when CPU is measured. */
    static final int BUSY_CONCURRENCY = 32;

    static final int SESSIONS = 64;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<String> SMALL_JVM = List.of("-Xmx512m", "-XX:+UseSerialGC");
    private static final List<String> PYTHON_JVM = List.of("-Xmx1g", "-XX:+UseSerialGC");
    private static final String DIRECT = "direct";
    private static final String NGINX = "nginx";
    private static final String EXECUTOR = "executor";

    private final Path folder;
    private final Target.Effort effort;
    private final PrintStream out;
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    private DataPlaneBench(Path folder, Target.Effort effort, PrintStream out) {
        this.folder = folder;
        this.effort = effort;
        this.out = out;
    }

    /**
     * Runs it.
     *
     * @param quick a minute or two instead of the whole effort
     * @param folder for logs and configurations, made if it is not there
     * @return whether every answer was right; the figures are for people to judge
     */
    public static boolean run(boolean quick, Path folder, PrintStream out)
            throws IOException, InterruptedException {
        Target.Effort effort =
                quick
                        ? new Target.Effort(3, 20_000, 2_000, 6_000, 10_000)
                        : new Target.Effort(5, 500_000, 10_000, 30_000, 50_000);
        Files.createDirectories(folder);
        DataPlaneBench bench = new DataPlaneBench(folder, effort, out);
        try {
            return bench.run();
        } finally {
            Child.closeAll(bench.parts);
        }
    }

    private boolean run() throws IOException, InterruptedException {
        BenchLog log = part(BenchLog.start(folder));
        Child.Started backend =
                Child.java(folder.resolve("backend.log"), SMALL_JVM, EchoBackend.class);
        parts.add(backend.child());
        String[] addresses = backend.ready().split(" ", -1);
        InstanceAddress address = new InstanceAddress("grpc", addresses[0], addresses[1]);
        log.block(EXECUTOR, address, /* python= */ false);
        log.block("executor-no-events", address, /* python= */ false);
        log.block("executor-python", address, /* python= */ true);
        targets(log, addresses[0]);
        for (Target target : targets) {
            awaitServing(target);
        }
        out.printf("warm-up: %,d requests each%n", effort.warmUp());
        for (Target target : targets) {
            target.warmUp(effort.warmUp());
        }
        Duration brokerBefore = Child.cpu(log.broker());
        for (int round = 1; round <= effort.rounds(); round++) {
            out.printf("round %d of %d%n", round, effort.rounds());
            for (Target target : targets) {
                target.round(effort);
            }
        }
        Duration broker = Child.cpu(log.broker()).minus(brokerBefore);
        table();
        goals();
        out.printf(
                "broker       %.1f us CPU for each request that has an event%n",
                broker.toNanos()
                        / 1000.0
                        / (2.0
                                * effort.rounds()
                                * (effort.single() + effort.steady() + effort.busy())));
        skipped.forEach(out::println);
        return gate(log);
    }

    private void targets(BenchLog log, String backend) throws IOException, InterruptedException {
        add(DIRECT, backend, null);
        Child.Started pass =
                Child.java(folder.resolve("pass.log"), SMALL_JVM, PassThrough.class, backend);
        add("grpc-java pass-through", pass.ready(), pass.child());
        Optional<String> nginx = Child.find(NGINX);
        if (nginx.isPresent()) {
            Proxies.Proxy proxy = Proxies.nginx(nginx.get(), backend, folder);
            add(NGINX, proxy.target(), proxy.child());
        } else {
            skipped.add("nginx        skipped: not on this machine (apt install nginx)");
        }
        Optional<String> haproxy = Child.find("haproxy");
        if (haproxy.isPresent()) {
            Proxies.Proxy proxy = Proxies.haproxy(haproxy.get(), backend, folder);
            add("haproxy", proxy.target(), proxy.child());
        } else {
            skipped.add("haproxy      skipped: not on this machine (apt install haproxy)");
        }
        executor(log, EXECUTOR, SMALL_JVM, "events");
        executor(log, "executor-no-events", SMALL_JVM, "no-events");
        List<String> python = new ArrayList<>(PYTHON_JVM);
        python.addAll(compilerFlags());
        executor(log, "executor-python", python, "events");
    }

    private void executor(BenchLog log, String name, List<String> flags, String events)
            throws IOException {
        Child.Started executor =
                Child.java(
                        folder.resolve(name + ".log"),
                        flags,
                        BenchExecutor.class,
                        log.kafka().bootstrapServers(),
                        name,
                        events);
        add(name, executor.ready(), executor.child());
    }

    private void add(String name, String address, @org.jspecify.annotations.Nullable Child child) {
        // The block's name goes in the request: of one length for all would be purer, but it is
        // read.
        targets.add(
                part(
                        new Target(
                                name,
                                address,
                                name.startsWith(EXECUTOR) ? name : EXECUTOR,
                                child)));
    }

    /** What lets this JVM compile policies, if it does. */
    private static List<String> compilerFlags() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag ->
                        flag.contains("JVMCI")
                                || flag.contains("UnlockExperimental")
                                || flag.startsWith("--upgrade-module-path"))
                .toList();
    }

    /** Until a request is answered; those before count as sent where a task event counts them. */
    private static void awaitServing(Target target) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!target.serves()) {
            if (System.nanoTime() > deadline) {
                throw new IOException(target.name() + " does not answer");
            }
            Thread.sleep(100);
        }
    }

    private void table() {
        Target direct = named(DIRECT).orElseThrow();
        out.printf(
                "%n%-24s %10s %10s %12s %12s %12s %10s%n",
                "", "p50 us", "added us", "p99 us", "CPU us busy", "CPU us", "busy/s");
        out.printf(
                "%-24s %10s %10s %12s %12s %12s %10s%n",
                "", "1 open", "", "at 2,000/s", "32 open", "at 2,000/s", "32 open");
        double base = median(direct, Target.Round::singleP50Us);
        for (Target target : targets) {
            double p50 = median(target, Target.Round::singleP50Us);
            out.printf(
                    "%-24s %10.0f %10.0f %12.0f %12.1f %12.1f %10.0f%n",
                    target.name(),
                    p50,
                    p50 - base,
                    median(target, Target.Round::steadyP99Us),
                    median(target, Target.Round::busyCpuUs),
                    median(target, Target.Round::steadyCpuUs),
                    median(target, Target.Round::busyRate));
        }
    }

    private void goals() {
        Target direct = named(DIRECT).orElseThrow();
        Target executor = named(EXECUTOR).orElseThrow();
        out.println();
        named(NGINX)
                .ifPresent(nginx -> {
                    ratio("CPU, 32 open", executor, nginx, Target.Round::busyCpuUs, 1.75);
                    ratio("CPU, 2,000/s", executor, nginx, Target.Round::steadyCpuUs, 1.75);
                });
        double added =
                median(executor, Target.Round::singleP50Us)
                        - median(direct, Target.Round::singleP50Us);
        out.printf(
                "%-14s %.0f us over direct (goal: at most 100): %s%n",
                "p50, 1 open", added, added <= 100 ? "met" : "missed");
        ratio("p99, 2,000/s", executor, direct, Target.Round::steadyP99Us, 3);
    }

    private void ratio(
            String what,
            Target executor,
            Target other,
            ToDoubleFunction<Target.Round> figure,
            double goal) {
        double ratio = median(executor, figure) / median(other, figure);
        out.printf(
                "%-14s %.2f x %s (goal: at most %.2f): %s%n",
                what, ratio, other.name(), goal, ratio <= goal ? "met" : "missed");
    }

    /** Every answer right, and a task event for every request. */
    private boolean gate(BenchLog log) throws InterruptedException {
        List<String> wrong =
                new ArrayList<>(
                        targets.stream()
                                .map(Target::complaint)
                                .filter(complaint -> !complaint.isEmpty())
                                .toList());
        for (Target target : targets) {
            if (target.block().equals(target.name()) && !target.name().endsWith("no-events")) {
                long events = awaitEvents(log, target);
                if (events != target.sent()) {
                    wrong.add(
                            "%s: %,d task events of %,d requests"
                                    .formatted(target.name(), events, target.sent()));
                }
            }
        }
        out.println(
                wrong.isEmpty()
                        ? "gate         passed: all answers equal to the byte, no error, one task"
                                + " event a request"
                        : "gate         FAILED: " + String.join("; ", wrong));
        return wrong.isEmpty();
    }

    private static long awaitEvents(BenchLog log, Target target) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long events = log.finished(target.block());
        while (events < target.sent() && System.nanoTime() < deadline) {
            Thread.sleep(500);
            events = log.finished(target.block());
        }
        return events;
    }

    private Optional<Target> named(String name) {
        return targets.stream().filter(target -> target.name().equals(name)).findFirst();
    }

    static double median(Target target, ToDoubleFunction<Target.Round> figure) {
        double[] sorted = target.rounds().stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.add(part);
        return part;
    }
}

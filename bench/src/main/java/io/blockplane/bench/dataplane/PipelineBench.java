package io.blockplane.bench.dataplane;

import io.blockplane.load.LoadReport;
import io.blockplane.load.LoadRun;
import io.blockplane.load.Packets;
import io.blockplane.load.Payload;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * {@code infer} from end to end, from the sending to the output that is read, beside a pipeline of
 * Python and Redis in the shape of the reference, in turns. See bench/README.md.
 */
public final class PipelineBench {

    /** Tasks open at once, from end to end. */
    private static final int FEW = 16;

    /** ... and enough of them that each does what it can. */
    private static final int MANY = 1000;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final LoadRun.Settings SETTINGS =
            new LoadRun.Settings(Duration.ofSeconds(60), 1000, (_, _) -> {}, _ -> {});

    private record Effort(int rounds, int warmUp, int few, int many) {}

    /**
     * One round.
     *
     * @param cpuUs by process, a task with many open
     */
    private record Round(
            double fewRate,
            double fewP99Ms,
            double fewCpuUs,
            double manyRate,
            double manyP99Ms,
            double manyCpuUs,
            Map<String, Double> cpuUs) {}

    private PipelineBench() {}

    /**
     * Runs it.
     *
     * @param python a Python 3 with grpc and redis
     * @return whether every task came to its output, once and unchanged
     */
    public static boolean run(boolean quick, String python, Path folder, PrintStream out)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Effort effort =
                quick
                        ? new Effort(3, 10_000, 3_000, 10_000)
                        : new Effort(5, 100_000, 20_000, 50_000);
        List<Pipeline> pipelines = new ArrayList<>();
        try {
            pipelines.add(Pipeline.blockplane(folder));
            Optional<String> redis = Child.find("redis-server");
            if (redis.isPresent() && hasModules(python)) {
                pipelines.add(Pipeline.reference(redis.get(), python, folder.resolve("reference")));
            } else {
                out.println(
                        "python and redis: skipped, it needs redis-server and a "
                                + python
                                + " with grpc, protobuf and redis (apt install redis-server"
                                + " python3-grpcio python3-redis)");
            }
            return measure(pipelines, effort, out);
        } finally {
            Child.closeAll(pipelines);
        }
    }

    private static boolean measure(List<Pipeline> pipelines, Effort effort, PrintStream out)
            throws InterruptedException {
        Map<String, List<Round>> rounds = new TreeMap<>();
        out.printf("%ninfer, warm-up: %,d tasks each%n", effort.warmUp());
        long failed = 0;
        for (Pipeline pipeline : pipelines) {
            rounds.put(pipeline.name(), new ArrayList<>());
            failed += tasks(pipeline, "warm", effort.warmUp(), 64).failed();
        }
        for (int round = 1; round <= effort.rounds(); round++) {
            out.printf("round %d of %d%n", round, effort.rounds());
            for (Pipeline pipeline : pipelines) {
                Map<String, Duration> start = pipeline.cpu();
                LoadReport few = tasks(pipeline, "few-" + round, effort.few(), FEW);
                Map<String, Duration> between = pipeline.cpu();
                LoadReport many = tasks(pipeline, "many-" + round, effort.many(), MANY);
                Map<String, Double> fewCpu = perTask(start, between, effort.few());
                Map<String, Double> manyCpu = perTask(between, pipeline.cpu(), effort.many());
                failed += few.failed() + many.failed();
                Objects.requireNonNull(rounds.get(pipeline.name()))
                        .add(
                                new Round(
                                        few.rate(),
                                        few.latency().getValueAtPercentile(99) / 1e6,
                                        sum(fewCpu),
                                        many.rate(),
                                        many.latency().getValueAtPercentile(99) / 1e6,
                                        sum(manyCpu),
                                        manyCpu));
            }
        }
        print(pipelines, rounds, out);
        long wrong = pipelines.stream().mapToLong(p -> p.sender().wrong()).sum();
        out.printf(
                "gate         %s: %d failed or lost, %d outputs wrong or twice%n",
                failed + wrong == 0 ? "passed" : "FAILED", failed, wrong);
        return failed + wrong == 0;
    }

    private static void print(
            List<Pipeline> pipelines, Map<String, List<Round>> rounds, PrintStream out) {
        out.printf(
                "%n%-18s %10s %10s %10s %10s %10s %10s%n",
                "", "tasks/s", "p99 ms", "CPU us", "tasks/s", "p99 ms", "CPU us");
        out.printf(
                "%-18s %10s %10s %10s %10s %10s %10s%n",
                "", FEW + " open", "", "a task", MANY + " open", "", "a task");
        List<Round> medians = new ArrayList<>();
        for (Pipeline pipeline : pipelines) {
            Round m = median(Objects.requireNonNull(rounds.get(pipeline.name())));
            medians.add(m);
            out.printf(
                    "%-18s %10.0f %10.1f %10.0f %10.0f %10.1f %10.0f   %s%n",
                    pipeline.name(),
                    m.fewRate(),
                    m.fewP99Ms(),
                    m.fewCpuUs(),
                    m.manyRate(),
                    m.manyP99Ms(),
                    m.manyCpuUs(),
                    rounded(m.cpuUs()));
        }
        if (medians.size() == 2) {
            Round ours = medians.get(0);
            Round theirs = medians.get(1);
            out.printf(
                    "%ntasks/s        %.1f x at %d open, %.1f x at %d open (goal: at least 5)%n",
                    ours.fewRate() / theirs.fewRate(),
                    FEW,
                    ours.manyRate() / theirs.manyRate(),
                    MANY);
            out.printf(
                    "CPU a task     %.2f x, %.2f x (goal: at most 0.20)%n",
                    ours.fewCpuUs() / theirs.fewCpuUs(), ours.manyCpuUs() / theirs.manyCpuUs());
            out.printf(
                    "p99            %.2f x, %.2f x (goal: less than 1)%n",
                    ours.fewP99Ms() / theirs.fewP99Ms(), ours.manyP99Ms() / theirs.manyP99Ms());
        }
    }

    private static LoadReport tasks(Pipeline pipeline, String run, int count, int open)
            throws InterruptedException {
        LoadRun load =
                new LoadRun(
                        pipeline.sender(),
                        new Packets(run, DataPlaneBench.SESSIONS, Payload.TEXT),
                        SETTINGS);
        // A task that a pipeline loses would be waited for without end.
        Thread watch = Thread.ofVirtual().start(() -> giveUpWhenNothingMoves(pipeline.sender()));
        try {
            return load.closed(new Target.Same(count), open);
        } finally {
            watch.interrupt();
            watch.join();
        }
    }

    private static void giveUpWhenNothingMoves(EndToEnd sender) {
        try {
            while (true) {
                long before = sender.moves();
                TimeUnit.MILLISECONDS.sleep(PATIENCE.toMillis());
                if (sender.moves() == before) {
                    sender.giveUp();
                }
            }
        } catch (InterruptedException e) {
            // The run is over.
        }
    }

    private static boolean hasModules(String python) throws InterruptedException {
        try {
            return new ProcessBuilder(python, "-c", "import grpc, redis, google.protobuf")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static Map<String, Double> perTask(
            Map<String, Duration> before, Map<String, Duration> after, int tasks) {
        Map<String, Double> cpu = new TreeMap<>();
        after.forEach((process, time) ->
                cpu.put(
                        process,
                        time.minus(before.getOrDefault(process, Duration.ZERO)).toNanos()
                                / 1000.0
                                / tasks));
        return cpu;
    }

    private static double sum(Map<String, Double> cpu) {
        return cpu.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private static Map<String, Long> rounded(Map<String, Double> cpu) {
        Map<String, Long> rounded = new TreeMap<>();
        cpu.forEach((process, us) -> rounded.put(process, Math.round(us)));
        return rounded;
    }

    /** The round in the middle by its rate: its figures belong together. */
    private static Round median(List<Round> rounds) {
        return rounds.stream()
                .sorted(java.util.Comparator.comparingDouble(Round::manyRate))
                .toList()
                .get(rounds.size() / 2);
    }
}

package io.blockplane.bench.dataplane;

import static java.util.stream.Collectors.toList;

import io.blockplane.bench.dataplane.EndToEnd.Answered;
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
import java.util.Comparator;
import java.util.EnumMap;
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

    /** The load that the reference's own figures are of. */
    private static final int CALLERS = 16;

    /** Tasks open at once, from end to end. */
    private static final int FEW = 16;

    /** ... and enough of them that each does what it can. */
    private static final int MANY = 1000;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final LoadRun.Settings SETTINGS =
            new LoadRun.Settings(Duration.ofSeconds(60), 1000, (_, _) -> {}, _ -> {});

    private record Effort(int rounds, int warmUp, int few, int many) {}

    /** How tasks are kept coming. */
    private enum Load {
        CALLERS("16 callers", PipelineBench.CALLERS, Answered.BY_ACCEPTANCE),
        FEW("16 open", PipelineBench.FEW, Answered.BY_OUTPUT),
        MANY("1000 open", PipelineBench.MANY, Answered.BY_OUTPUT);

        private final String title;
        private final int places;
        private final Answered answered;

        Load(String title, int places, Answered answered) {
            this.title = title;
            this.places = places;
            this.answered = answered;
        }
    }

    /**
     * One load in one round.
     *
     * @param rate tasks a second, to the last output
     * @param cpuUs a task, by process
     */
    private record Measured(double rate, double p99Ms, Map<String, Double> cpuUs, long failed) {

        double cpu() {
            return cpuUs.values().stream().mapToDouble(Double::doubleValue).sum();
        }
    }

    private PipelineBench() {}

    /**
     * Runs it.
     *
     * @param python a Python 3 with grpc, redis and prometheus_client
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
                                + " with grpc, protobuf, redis and prometheus_client (apt install"
                                + " redis-server python3-grpcio python3-redis"
                                + " python3-prometheus-client)");
            }
            return measure(pipelines, effort, out);
        } finally {
            Child.closeAll(pipelines);
        }
    }

    private static boolean measure(List<Pipeline> pipelines, Effort effort, PrintStream out)
            throws InterruptedException {
        Map<Load, List<List<Measured>>> rounds = new EnumMap<>(Load.class);
        for (Load load : Load.values()) {
            rounds.put(
                    load, pipelines.stream().map(_ -> new ArrayList<Measured>()).collect(toList()));
        }
        out.printf("%ninfer, warm-up: %,d tasks each%n", effort.warmUp());
        long failed = 0;
        for (Pipeline pipeline : pipelines) {
            failed += run(pipeline, "warm", effort.warmUp(), Load.MANY).failed();
        }
        for (int round = 1; round <= effort.rounds(); round++) {
            out.printf("round %d of %d%n", round, effort.rounds());
            for (int i = 0; i < pipelines.size(); i++) {
                for (Load load : Load.values()) {
                    int count = load == Load.MANY ? effort.many() : effort.few();
                    Measured measured = run(pipelines.get(i), load + "-" + round, count, load);
                    failed += measured.failed();
                    Objects.requireNonNull(rounds.get(load)).get(i).add(measured);
                }
            }
        }
        rounds.forEach((load, byPipeline) -> print(load, pipelines, byPipeline, out));
        long wrong = pipelines.stream().mapToLong(p -> p.sender().wrong()).sum();
        out.printf(
                "%ngate         %s: %d failed or lost, %d outputs wrong or twice%n",
                failed + wrong == 0 ? "passed" : "FAILED", failed, wrong);
        return failed + wrong == 0;
    }

    private static void print(
            Load load, List<Pipeline> pipelines, List<List<Measured>> rounds, PrintStream out) {
        out.printf("%n%-18s %10s %10s %10s%n", load.title, "tasks/s", "p99 ms", "CPU us");
        List<Measured> medians = rounds.stream().map(PipelineBench::median).toList();
        for (int i = 0; i < medians.size(); i++) {
            Measured m = medians.get(i);
            out.printf(
                    "%-18s %10.0f %10.1f %10.0f   %s%n",
                    pipelines.get(i).name(), m.rate(), m.p99Ms(), m.cpu(), rounded(m.cpuUs()));
        }
        if (medians.size() == 2) {
            Measured ours = medians.get(0);
            Measured theirs = medians.get(1);
            out.printf(
                    "%-18s %9.1fx %9.2fx %9.3fx   (goal: at least 5, less than 1, at most 0.2)%n",
                    "beside it",
                    ours.rate() / theirs.rate(),
                    ours.p99Ms() / theirs.p99Ms(),
                    ours.cpu() / theirs.cpu());
        }
    }

    private static Measured run(Pipeline pipeline, String name, int count, Load kind)
            throws InterruptedException {
        EndToEnd sender = pipeline.sender();
        LoadRun load =
                new LoadRun(
                        sender, new Packets(name, DataPlaneBench.SESSIONS, Payload.TEXT), SETTINGS);
        sender.begin(kind.answered);
        long lost = sender.lost();
        Map<String, Duration> before = pipeline.cpu();
        // A task that a pipeline loses would be waited for without end.
        Thread watch = Thread.ofVirtual().start(() -> giveUpWhenNothingMoves(sender));
        try {
            long start = System.nanoTime();
            LoadReport report = load.closed(new Target.Same(count), kind.places);
            sender.awaitOutputs();
            double seconds = (System.nanoTime() - start) / 1e9;
            long failed = report.failed();
            if (kind.answered == Answered.BY_ACCEPTANCE) {
                failed += sender.lost() - lost;
            }
            return new Measured(
                    (count - failed) / seconds,
                    sender.latency().getValueAtPercentile(99) / 1e6,
                    perTask(before, pipeline.cpu(), count),
                    failed);
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
            return new ProcessBuilder(
                                    python,
                                    "-c",
                                    "import grpc, redis, google.protobuf, prometheus_client")
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

    private static Map<String, Long> rounded(Map<String, Double> cpu) {
        Map<String, Long> rounded = new TreeMap<>();
        cpu.forEach((process, us) -> rounded.put(process, Math.round(us)));
        return rounded;
    }

    /** The round in the middle by its rate: its figures belong together. */
    private static Measured median(List<Measured> rounds) {
        return rounds.stream()
                .sorted(Comparator.comparingDouble(Measured::rate))
                .toList()
                .get(rounds.size() / 2);
    }
}

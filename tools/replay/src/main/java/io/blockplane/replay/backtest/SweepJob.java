package io.blockplane.replay.backtest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.replay.backtest.BacktestJob.Named;
import io.blockplane.simulator.RunTrace;
import io.blockplane.simulator.Scenario;
import io.blockplane.simulator.backtest.Contender;
import io.blockplane.simulator.backtest.Sweep.Outcome;
import io.blockplane.simulator.backtest.Sweep.Point;
import io.blockplane.simulator.result.BacktestResult.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Runs many points of a policy's parameters, and remembers those that are done in a file. */
public final class SweepJob {

    /** Another one when the same inputs come to other outcomes. */
    private static final String SIMULATOR = "2: the executor's router, drawn phases";

    private static final String KEY = "key";

    private SweepJob() {}

    /**
     * How it is run.
     *
     * @param seeds runs of each point
     * @param parallel points at a time
     * @param state JSON lines of what is done; null to remember nothing
     */
    public record Settings(int seeds, int parallel, @Nullable Path state) {
        public Settings {
            if (seeds < 1 || parallel < 1) {
                throw new IllegalArgumentException(
                        "seeds: %d, parallel: %d (expected: >= 1)".formatted(seeds, parallel));
            }
        }
    }

    /** Hears how far it is. */
    public interface Progress {
        void done(int points, int of);
    }

    /**
     * Runs what is not done yet.
     *
     * @return outcomes in the order of the points
     */
    public static List<Outcome> run(
            BacktestSetup setup,
            Named policy,
            List<Point> points,
            Settings settings,
            PolicyEngine engine,
            Progress progress)
            throws IOException {
        String workload = key(setup, policy, settings);
        Map<Point, Outcome> done = new HashMap<>(remembered(settings.state(), workload));
        List<Point> open = points.stream().filter(p -> !done.containsKey(p)).distinct().toList();
        int before = points.size() - open.size();
        ExecutorService threads = Executors.newFixedThreadPool(settings.parallel());
        try {
            CompletionService<Outcome> running = new ExecutorCompletionService<>(threads);
            for (Point point : open) {
                running.submit(() -> outcome(setup, policy, point, settings.seeds(), engine));
            }
            for (int i = 0; i < open.size(); i++) {
                progress.done(before + i, points.size());
                Outcome outcome = running.take().get();
                done.put(outcome.point(), outcome);
                remember(settings.state(), workload, outcome);
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            threads.shutdownNow();
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (Point point : points) {
            Outcome outcome = done.get(point);
            if (outcome != null) {
                outcomes.add(outcome);
            }
        }
        return outcomes;
    }

    /** Outcomes as JSON lines. */
    public static void write(Path file, List<Outcome> outcomes) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Outcome outcome : outcomes) {
            lines.append(line("", outcome)).append('\n');
        }
        Files.writeString(file, lines);
    }

    private static Outcome outcome(
            BacktestSetup setup, Named policy, Point point, int seeds, PolicyEngine engine) {
        PolicyFiles files = policy.policy();
        PolicyFiles tried =
                new PolicyFiles(
                        files.uri(),
                        files.archive(),
                        PolicyAssignment.merge(files.parameters(), point.parameters()),
                        PolicyAssignment.merge(files.settings(), point.settings()),
                        files.schemas());
        Contender contender =
                BacktestJob.contender(
                                setup.changed(),
                                new Named(point.text(), tried),
                                Role.CANDIDATE,
                                engine)
                        .inAnyPhase();
        List<RunTrace> runs = new ArrayList<>();
        for (long seed = 1; seed <= seeds; seed++) {
            runs.add(contender.run(seed));
        }
        return new Outcome(
                point,
                mean(runs, RunTrace::instanceSeconds),
                mean(runs, RunTrace::sloAttainment),
                mean(runs, r -> r.total().quantile(0.99)),
                mean(runs, r -> (double) r.scaleActions()));
    }

    private static double mean(List<RunTrace> runs, ToDoubleFunction<RunTrace> measure) {
        return runs.stream().mapToDouble(measure).average().orElse(0);
    }

    /** What a remembered outcome must have been of, to be taken for one of now. */
    private static String key(BacktestSetup setup, Named policy, Settings settings) {
        Scenario scenario = setup.changed().scenario();
        String all =
                String.join(
                        "|",
                        SIMULATOR,
                        setup.source().toString(),
                        scenario.spec().toString(),
                        scenario.slo().toString(),
                        scenario.timing().toString(),
                        String.valueOf(scenario.timeoutNanos()),
                        String.valueOf(scenario.workload().lastNanos()),
                        policy.policy().archive().sha256(),
                        policy.policy().parameters().text(),
                        policy.policy().settings().text(),
                        String.valueOf(settings.seeds()));
        return TraceFile.sha256(all.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    }

    private static Map<Point, Outcome> remembered(@Nullable Path state, String key)
            throws IOException {
        Map<Point, Outcome> outcomes = new HashMap<>();
        if (state == null || !Files.exists(state)) {
            return outcomes;
        }
        int number = 0;
        for (String line : Files.readAllLines(state)) {
            number++;
            JsonNode row;
            try {
                row = EventJson.MAPPER.readTree(line);
            } catch (JsonProcessingException e) {
                // The last line of a run that was killed may be half a line: it is run again.
                continue;
            }
            if (row.path(KEY).asText().equals(key)) {
                if (!row.path("instanceSeconds").isNumber()) {
                    throw new IOException(
                            "%s:%d: instanceSeconds: %s (expected: a number)"
                                    .formatted(state, number, row.path("instanceSeconds")));
                }
                Point point =
                        new Point(Json.of(row.path("parameters")), Json.of(row.path("settings")));
                outcomes.put(
                        point,
                        new Outcome(
                                point,
                                row.path("instanceSeconds").asDouble(),
                                row.path("sloAttainment").asDouble(),
                                row.path("p99Ms").asDouble(),
                                row.path("scaleActions").asDouble()));
            }
        }
        return outcomes;
    }

    private static void remember(@Nullable Path state, String key, Outcome outcome)
            throws IOException {
        if (state != null) {
            boolean begins = !Files.exists(state) || Files.size(state) == 0 || endsLine(state);
            Files.writeString(
                    state,
                    (begins ? "" : "\n") + line(key, outcome) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
    }

    private static boolean endsLine(Path state) throws IOException {
        byte[] bytes = Files.readAllBytes(state);
        return bytes[bytes.length - 1] == '\n';
    }

    private static String line(String key, Outcome outcome) {
        ObjectNode row = EventJson.MAPPER.createObjectNode();
        if (!key.isEmpty()) {
            row.put(KEY, key);
        }
        row.set("parameters", outcome.point().parameters().node());
        row.set("settings", outcome.point().settings().node());
        row.put("instanceSeconds", outcome.instanceSeconds());
        row.put("sloAttainment", outcome.sloAttainment());
        row.put("p99Ms", outcome.p99Ms());
        row.put("scaleActions", outcome.scaleActions());
        return row.toString();
    }
}

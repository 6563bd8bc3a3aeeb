package io.blockplane.replay.backtest;

import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Json;
import io.blockplane.executor.core.Refusal;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.replay.LogSource;
import io.blockplane.simulator.Durations;
import io.blockplane.simulator.Scenario;
import io.blockplane.simulator.Scenario.Timing;
import io.blockplane.simulator.backtest.Recorded;
import io.blockplane.simulator.result.BacktestResult.Slo;
import io.blockplane.simulator.result.BacktestResult.Source;
import io.blockplane.simulator.service.ServiceModel;
import io.blockplane.simulator.workload.Workload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that a backtest begins with.
 *
 * @param block as it was recorded: where the incumbent runs
 * @param changed as the options have it: where candidates and baselines run; of a trace the same
 * @param recorded null when nothing was recorded
 * @param autoscaler of the recorded block, if it had one
 * @param notes what a person should know of the inputs
 */
public record BacktestSetup(
        Source source,
        Surroundings block,
        Surroundings changed,
        @Nullable Recorded recorded,
        Optional<PolicyFiles> autoscaler,
        List<String> notes) {

    private static final String VERSION = "blockplane 0.1.0";
    private static final String AUTOSCALER = "autoscaler";
    private static final double DEFAULT_INTERVAL_SECONDS = 30;

    public BacktestSetup {
        notes = List.copyOf(notes);
    }

    /**
     * A block with its workload.
     *
     * @param balancer if it has one in Python
     */
    public record Surroundings(Scenario scenario, Optional<PolicyFiles> balancer) {}

    /** What the options have otherwise than the record, in words; empty when that is nothing. */
    String change() {
        BlockSpec was = block.scenario().spec();
        BlockSpec is = changed.scenario().spec();
        List<String> changes = new ArrayList<>();
        PolicyBinding balancer = is.policies().get(RoutingRules.POLICY_NAME);
        if (balancer != null && !balancer.equals(was.policies().get(RoutingRules.POLICY_NAME))) {
            changes.add(balancer.policyUri());
        }
        if (is.minInstances() != was.minInstances() || is.maxInstances() != was.maxInstances()) {
            changes.add("%d to %d instances".formatted(is.minInstances(), is.maxInstances()));
        }
        return String.join(", ", changes);
    }

    /**
     * What a user may say of the surroundings. Null: as recorded, or a default.
     *
     * @param balancer {@code builtin:...} with its parameters
     * @param timeoutSeconds after which callers give up; 0: never
     */
    public record Options(
            ModelChoice model,
            Slo slo,
            @Nullable Integer minInstances,
            @Nullable Integer maxInstances,
            @Nullable Double startUpMs,
            @Nullable Double stopMs,
            @Nullable Double decisionMs,
            @Nullable PolicyBinding balancer,
            double timeoutSeconds) {

        static final double DEFAULT_START_UP_MS = 20_000;
        static final double DEFAULT_STOP_MS = 1_000;
        static final double DEFAULT_DECISION_MS = 250;
        static final int DEFAULT_MAX = 16;

        private long timeoutNanos() {
            return timeoutSeconds == 0 ? Scenario.NO_TIMEOUT : Math.round(timeoutSeconds * 1e9);
        }
    }

    /** Of a public trace, or one that was made up. */
    public static BacktestSetup of(Workload workload, Options options) throws IOException {
        ServiceModel service = options.model().model(null);
        BlockSpec spec =
                bound(
                        new BlockSpec(
                                "trace",
                                "builtin:llm-sim",
                                1,
                                Options.DEFAULT_MAX,
                                Json.EMPTY_OBJECT,
                                Json.EMPTY_OBJECT,
                                Json.EMPTY_OBJECT,
                                new TreeMap<>()),
                        options);
        Timing timing =
                new Timing(
                        Durations.ofMs(or(options.startUpMs(), Options.DEFAULT_START_UP_MS)),
                        Durations.ofMs(or(options.stopMs(), Options.DEFAULT_STOP_MS)),
                        Durations.ofMs(or(options.decisionMs(), Options.DEFAULT_DECISION_MS)));
        Surroundings surroundings =
                new Surroundings(
                        new Scenario(
                                spec,
                                workload,
                                service,
                                timing,
                                options.slo(),
                                spec.minInstances(),
                                0,
                                options.timeoutNanos(),
                                List.of()),
                        Optional.empty());
        return new BacktestSetup(
                source(workload, service, workload.name()),
                surroundings,
                surroundings,
                null,
                Optional.empty(),
                List.of());
    }

    /**
     * Of a recorded block.
     *
     * @param fromMs epoch milliseconds; requests from then on
     * @param toMs likewise, up to then
     * @param speed the requests at so many times their pace; nothing to compare with unless 1
     */
    public static BacktestSetup of(
            LogSource log, String blockId, long fromMs, long toMs, double speed, Options options)
            throws IOException {
        RecordedBlock block = RecordedBlock.read(log, blockId);
        String name = log.name() + ", block " + blockId;
        RecordedWorkload recorded =
                RecordedWorkload.of(block, name, fromMs, toMs, options.slo().totalTimeMs());
        Workload workload = recorded.workload().faster(speed);
        ServiceModel service = options.model().orSettings(block.spec().initSettings()).model(block);
        BlockSpec spec = block.spec();
        long originMs = workload.originMs();
        int initial =
                Math.clamp(
                        block.lives().wanted(originMs + 999),
                        spec.minInstances(),
                        spec.maxInstances());
        Optional<PolicyFiles> autoscaler = block.policy(AUTOSCALER);
        Scenario scenario =
                new Scenario(
                        spec,
                        workload,
                        service,
                        timing(block, options),
                        options.slo(),
                        initial,
                        lastEvaluation(block, autoscaler, originMs),
                        options.timeoutNanos(),
                        speed == 1
                                ? block.lives()
                                        .losses(
                                                originMs,
                                                originMs + workload.lastNanos() / 1_000_000)
                                : List.of());
        Optional<PolicyFiles> balancer = block.policy(RoutingRules.POLICY_NAME);
        Scenario changed = scenario.of(bound(spec, options));
        return new BacktestSetup(
                source(workload, service, name),
                new Surroundings(scenario, balancer),
                new Surroundings(changed, options.balancer() == null ? balancer : Optional.empty()),
                speed == 1 ? recorded.recorded() : null,
                autoscaler,
                notes(block, recorded, scenario));
    }

    private static List<String> notes(
            RecordedBlock block, RecordedWorkload recorded, Scenario scenario) {
        List<String> notes = new ArrayList<>();
        Timing timing = scenario.timing();
        notes.add(
                "start-up %s, stop %s, window to effect %s"
                        .formatted(timing.startUp(), timing.stop(), timing.decision()));
        if (recorded.withoutSize() > 0) {
            notes.add(
                    "%d requests ended without token counts; their sizes are drawn from the others"
                            .formatted(recorded.withoutSize()));
        }
        if (block.unreadable() > 0) {
            notes.add(block.unreadable() + " records of the log could not be read");
        }
        if (!scenario.losses().isEmpty()) {
            notes.add(scenario.losses().size() + " instances were lost and are lost again");
        }
        return notes;
    }

    /** So that the first evaluation comes when it was recorded. */
    private static long lastEvaluation(
            RecordedBlock block, Optional<PolicyFiles> autoscaler, long originMs) {
        double seconds =
                autoscaler
                        .map(p ->
                                p.settings()
                                        .node()
                                        .path("intervalSeconds")
                                        .asDouble(DEFAULT_INTERVAL_SECONDS))
                        .orElse(DEFAULT_INTERVAL_SECONDS);
        return block.evaluationsMs().stream()
                .filter(at -> at > originMs)
                .findFirst()
                .map(first -> first - Math.round(seconds * 1_000))
                .orElse(0L);
    }

    private static Timing timing(RecordedBlock block, Options options) {
        return new Timing(
                durations(
                        options.startUpMs(),
                        block.lives().startUpsMs(),
                        Options.DEFAULT_START_UP_MS),
                durations(options.stopMs(), block.lives().stopsMs(), Options.DEFAULT_STOP_MS),
                durations(
                        options.decisionMs(), block.decisionLagsMs(), Options.DEFAULT_DECISION_MS));
    }

    private static Durations durations(
            @Nullable Double given, List<Double> recorded, double otherwise) {
        if (given != null) {
            return Durations.ofMs(given);
        }
        return recorded.isEmpty() ? Durations.ofMs(otherwise) : Durations.ofMs(recorded);
    }

    private static BlockSpec bound(BlockSpec spec, Options options) {
        SortedMap<String, PolicyBinding> policies = new TreeMap<>(spec.policies());
        PolicyBinding balancer = options.balancer();
        if (balancer != null) {
            Refusal refusal =
                    RoutingRules.refusal(
                            balancer.policyUri(), balancer.parameters(), balancer.settings());
            if (refusal != null) {
                throw new IllegalArgumentException(
                        "balancer: %s: %s (expected: %s)"
                                .formatted(refusal.field(), refusal.value(), refusal.expected()));
            }
            policies.put(RoutingRules.POLICY_NAME, balancer);
        }
        Integer min = options.minInstances();
        Integer max = options.maxInstances();
        return new BlockSpec(
                spec.blockId(),
                spec.componentUri(),
                min == null ? spec.minInstances() : min,
                max == null ? spec.maxInstances() : max,
                spec.blockInitData(),
                spec.initSettings(),
                spec.parameters(),
                policies);
    }

    private static Source source(Workload workload, ServiceModel service, String name) {
        long toMs = workload.originMs() + workload.lastNanos() / 1_000_000;
        return new Source(
                workload.kind(),
                name,
                workload.sha256(),
                workload.originMs() + workload.firstNanos() / 1_000_000,
                toMs,
                service.description(),
                VERSION);
    }

    private static double or(@Nullable Double given, double otherwise) {
        return given == null ? otherwise : given;
    }
}

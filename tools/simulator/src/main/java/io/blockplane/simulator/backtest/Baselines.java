package io.blockplane.simulator.backtest;

import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Json;
import io.blockplane.executor.core.LeastOutstanding;
import io.blockplane.executor.core.Protection;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.simulator.RunTrace;
import io.blockplane.simulator.Scenario;
import io.blockplane.simulator.policy.FixedScaler;
import io.blockplane.simulator.policy.HpaScaler;
import io.blockplane.simulator.policy.KnativeScaler;
import io.blockplane.simulator.policy.ScheduledScaler;
import io.blockplane.simulator.result.BacktestResult.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleFunction;

/**
 * What every comparison has beside the policies, each at its best for this workload: tuned in
 * hindsight to be the cheapest that meets the objective, on the first seed.
 *
 * <ul>
 *   <li>The oracle knows all arrivals and sizes; its instances come at once and are warm. It
 *       follows the work that comes in, at the headroom that is cheapest and meets the objective: a
 *       bound that is good, not one that is proved.
 *   <li>Static peak: as many as the oracle's most. Static mean: its mean, rounded up.
 *   <li>HPA-like and Knative-like: with the target that is the cheapest of {@link #TARGETS}.
 * </ul>
 */
public final class Baselines {

    /** Requests in hand for each instance that are tried as targets. */
    static final List<Double> TARGETS =
            List.of(1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0);

    private static final List<Long> ORACLE_STEPS_MS = List.of(10_000L, 30_000L);
    private static final double MIN_HEADROOM = 0.05;
    private static final double MAX_HEADROOM = 20;
    private static final int HALVINGS = 8;

    private final Scenario scenario;
    private final long seed;
    private final Runner runner;

    Baselines(Scenario scenario, long seed, Runner runner) {
        this.scenario = scenario;
        this.seed = seed;
        this.runner = runner;
    }

    /** All of them, the oracle last. */
    List<Contender> all() {
        Plan plan = oracle();
        int peak = plan.instances.stream().mapToInt(Integer::intValue).max().orElse(1);
        int mean =
                (int)
                        Math.ceil(
                                plan.instances.stream()
                                        .mapToInt(Integer::intValue)
                                        .average()
                                        .orElse(1));
        return List.of(
                fixed("static peak", peak),
                fixed("static mean", mean),
                tuned("HPA-like", TARGETS, this::hpa),
                tuned("Knative-like", TARGETS, this::knative),
                plan.contender);
    }

    private Contender fixed(String name, int instances) {
        return new Contender(
                "%s (%d)".formatted(name, instances),
                Role.BASELINE,
                scenario.beginningWith(instances),
                () -> new FixedScaler(instances));
    }

    private Contender hpa(double target) {
        return new Contender(
                "HPA-like (%.0f in hand each)".formatted(target),
                Role.BASELINE,
                scenario,
                () -> new HpaScaler(target));
    }

    private Contender knative(double target) {
        return new Contender(
                "Knative-like (%.0f in hand each)".formatted(target),
                Role.BASELINE,
                scenario,
                () -> new KnativeScaler(target));
    }

    private record Tried(Contender contender, RunTrace run) {}

    private Contender tuned(String what, List<Double> targets, DoubleFunction<Contender> of) {
        List<Contender> tried = targets.stream().map(of::apply).toList();
        runner.says("tuning " + what);
        List<RunTrace> runs = runner.all(tried, seed);
        List<Tried> all = new ArrayList<>();
        for (int i = 0; i < tried.size(); i++) {
            all.add(new Tried(tried.get(i), runs.get(i)));
        }
        return all.stream()
                .filter(t -> t.run.sloAttainment() >= scenario.slo().target())
                .min(Comparator.comparingDouble(t -> t.run.instanceSeconds()))
                .or(() -> all.stream().max(Comparator.comparingDouble(t -> t.run.sloAttainment())))
                .orElseThrow()
                .contender;
    }

    private record Plan(List<Integer> instances, Contender contender, double cost, double slo) {}

    private Plan oracle() {
        runner.says("finding the oracle's plan");
        Scenario free = withoutSlowStart(scenario).with(Scenario.Timing.NONE);
        Plan best = null;
        for (long stepMs : ORACLE_STEPS_MS) {
            Plan plan = cheapest(free, new Demands(free, stepMs));
            boolean better =
                    best == null
                            || (meets(plan) && (!meets(best) || plan.cost < best.cost))
                            || (!meets(best) && plan.slo > best.slo);
            best = better ? plan : best;
        }
        if (best == null) {
            throw new IllegalStateException("no step was tried");
        }
        return best;
    }

    private boolean meets(Plan plan) {
        return plan.slo >= scenario.slo().target();
    }

    private Plan cheapest(Scenario free, Demands demands) {
        double low = MIN_HEADROOM;
        double high = MAX_HEADROOM;
        Plan best = plan(free, demands, high);
        for (int i = 0; i < HALVINGS && meets(best); i++) {
            double middle = Math.sqrt(low * high);
            Plan tried = plan(free, demands, middle);
            if (meets(tried)) {
                high = middle;
                best = tried.cost <= best.cost ? tried : best;
            } else {
                low = middle;
            }
        }
        return best;
    }

    private Plan plan(Scenario free, Demands demands, double headroom) {
        List<Integer> instances = demands.plan(headroom);
        ScheduledScaler scaler =
                new ScheduledScaler(free.workload().originMs(), demands.stepMs(), instances);
        Contender contender =
                new Contender(
                        "clairvoyant oracle",
                        Role.ORACLE,
                        free.beginningWith(instances.getFirst()),
                        () -> scaler);
        RunTrace run = contender.run(seed);
        return new Plan(instances, contender, run.instanceSeconds(), run.sloAttainment());
    }

    private static Scenario withoutSlowStart(Scenario scenario) {
        BlockSpec spec = scenario.spec();
        PolicyBinding own = spec.policies().get(RoutingRules.POLICY_NAME);
        PolicyBinding bound =
                own == null
                        ? new PolicyBinding(
                                LeastOutstanding.URI, Json.EMPTY_OBJECT, Json.EMPTY_OBJECT)
                        : own;
        Json protection = bound.settings().members().get(Protection.SETTING);
        Json warm = Json.parse("{\"slow_start_ms\":0}");
        Json merged = protection == null ? warm : PolicyAssignment.merge(protection, warm);
        Json settings =
                PolicyAssignment.merge(
                        bound.settings(),
                        Json.parse("{\"%s\":%s}".formatted(Protection.SETTING, merged.text())));
        SortedMap<String, PolicyBinding> policies = new TreeMap<>(spec.policies());
        policies.put(
                RoutingRules.POLICY_NAME,
                new PolicyBinding(bound.policyUri(), bound.parameters(), settings));
        return scenario.of(
                new BlockSpec(
                        spec.blockId(),
                        spec.componentUri(),
                        spec.minInstances(),
                        spec.maxInstances(),
                        spec.blockInitData(),
                        spec.initSettings(),
                        spec.parameters(),
                        policies));
    }
}

package io.blockplane.replay.backtest;

import io.blockplane.policy.PolicyEngine;
import io.blockplane.simulator.Scenario;
import io.blockplane.simulator.backtest.Backtest;
import io.blockplane.simulator.backtest.Contender;
import io.blockplane.simulator.backtest.Runner;
import io.blockplane.simulator.policy.FixedScaler;
import io.blockplane.simulator.policy.RoutingAdvisor;
import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Runs a backtest of policies in Python. */
public final class BacktestJob {

    private BacktestJob() {}

    /** A candidate, or the incumbent of a trace. */
    public record Named(String name, PolicyFiles policy) {}

    /**
     * Runs it.
     *
     * @param incumbent of a trace, where the log has none
     * @param seeds how many, from 1 on
     */
    public static BacktestResult run(
            BacktestSetup setup,
            @Nullable Named incumbent,
            List<Named> candidates,
            int seeds,
            PolicyEngine engine,
            Runner runner) {
        List<Contender> contenders = new ArrayList<>();
        for (Named candidate : candidates) {
            contenders.add(contender(setup, candidate, Role.CANDIDATE, engine).inAnyPhase());
        }
        return Backtest.run(
                new Backtest.Plan(
                        setup.source(),
                        setup.scenario().inAnyPhase(),
                        incumbent(setup, incumbent, engine),
                        contenders,
                        setup.recorded(),
                        LongStream.rangeClosed(1, seeds).boxed().toList()),
                runner);
    }

    private static @Nullable Contender incumbent(
            BacktestSetup setup, @Nullable Named given, PolicyEngine engine) {
        if (given != null) {
            return contender(setup, given, Role.INCUMBENT, engine);
        }
        if (setup.autoscaler().isPresent()) {
            PolicyFiles policy = setup.autoscaler().get();
            return contender(
                    setup,
                    new Named(policy.uri() + " (incumbent)", policy),
                    Role.INCUMBENT,
                    engine);
        }
        if (setup.recorded() == null) {
            return null;
        }
        int instances = setup.scenario().initialInstances();
        return new Contender(
                "no autoscaler (%d)".formatted(instances),
                Role.INCUMBENT,
                setup.scenario(),
                () -> new FixedScaler(instances));
    }

    /** A policy in the setup's surroundings. */
    static Contender contender(BacktestSetup setup, Named named, Role role, PolicyEngine engine) {
        Scenario scenario = setup.scenario();
        Optional<PolicyFiles> balancer = setup.balancer();
        Supplier<RoutingAdvisor> advisor =
                () ->
                        balancer.orElseThrow()
                                .balancer(engine, scenario.spec(), scenario.workload().originMs());
        return new Contender(
                named.name(),
                role,
                scenario,
                () -> named.policy().scaler(engine, scenario.spec()),
                balancer.isPresent() ? advisor : null);
    }
}

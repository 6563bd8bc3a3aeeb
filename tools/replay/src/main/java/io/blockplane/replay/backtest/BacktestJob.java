package io.blockplane.replay.backtest;

import io.blockplane.policy.PolicyEngine;
import io.blockplane.replay.backtest.BacktestSetup.Surroundings;
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
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Runs a backtest of policies in Python. */
public final class BacktestJob {

    private BacktestJob() {}

    /** A candidate, or the incumbent of a trace. */
    public record Named(String name, PolicyFiles policy) {}

    /**
     * Runs it. Without a candidate, but with a changed block, the recorded policy in that is one.
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
            contenders.add(contender(setup.changed(), candidate, Role.CANDIDATE, engine));
        }
        if (candidates.isEmpty() && !setup.change().isEmpty()) {
            contenders.add(
                    recorded(setup, setup.changed(), setup.change(), Role.CANDIDATE, engine));
        }
        return Backtest.run(
                new Backtest.Plan(
                        setup.source(),
                        setup.changed().scenario().inAnyPhase(),
                        incumbent(setup, incumbent, engine),
                        contenders.stream().map(Contender::inAnyPhase).toList(),
                        setup.recorded(),
                        LongStream.rangeClosed(1, seeds).boxed().toList()),
                runner);
    }

    private static @Nullable Contender incumbent(
            BacktestSetup setup, @Nullable Named given, PolicyEngine engine) {
        if (given != null) {
            return contender(setup.block(), given, Role.INCUMBENT, engine);
        }
        if (setup.autoscaler().isEmpty() && setup.recorded() == null) {
            return null;
        }
        return recorded(setup, setup.block(), "incumbent", Role.INCUMBENT, engine);
    }

    /** The recorded policy, or as many instances as there were without one. */
    private static Contender recorded(
            BacktestSetup setup, Surroundings in, String what, Role role, PolicyEngine engine) {
        if (setup.autoscaler().isPresent()) {
            PolicyFiles policy = setup.autoscaler().get();
            return contender(
                    in, new Named("%s (%s)".formatted(policy.uri(), what), policy), role, engine);
        }
        int instances = in.scenario().initialInstances();
        return new Contender(
                "%d instances (%s)".formatted(instances, what),
                role,
                in.scenario(),
                () -> new FixedScaler(instances),
                advisor(in, engine));
    }

    /** A policy in its surroundings. */
    static Contender contender(Surroundings in, Named named, Role role, PolicyEngine engine) {
        return new Contender(
                named.name(),
                role,
                in.scenario(),
                () -> named.policy().scaler(engine, in.scenario().spec()),
                advisor(in, engine));
    }

    private static @Nullable Supplier<RoutingAdvisor> advisor(
            Surroundings in, PolicyEngine engine) {
        Scenario scenario = in.scenario();
        return in.balancer()
                .map(files ->
                        (Supplier<RoutingAdvisor>)
                                () ->
                                        files.balancer(
                                                engine,
                                                scenario.spec(),
                                                scenario.workload().originMs()))
                .orElse(null);
    }
}

package io.blockplane.simulator.backtest;

import io.blockplane.simulator.RunTrace;
import io.blockplane.simulator.Scenario;
import io.blockplane.simulator.Simulation;
import io.blockplane.simulator.policy.RoutingAdvisor;
import io.blockplane.simulator.policy.Scaler;
import io.blockplane.simulator.result.BacktestResult.Role;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A policy that is compared.
 *
 * @param scenario in which it runs; the workload and the seeds are everybody's
 * @param scaler makes a fresh one for each run
 * @param advisor makes the block's own balancer for each run; null when a built-in one is asked
 *     alone
 */
public record Contender(
        String name,
        Role role,
        Scenario scenario,
        Supplier<Scaler> scaler,
        @Nullable Supplier<RoutingAdvisor> advisor) {

    /** With the balancer that the scenario's block has. */
    public Contender(String name, Role role, Scenario scenario, Supplier<Scaler> scaler) {
        this(name, role, scenario, scaler, null);
    }

    /** The same with its rhythm left to chance. */
    public Contender inAnyPhase() {
        return new Contender(name, role, scenario.inAnyPhase(), scaler, advisor);
    }

    /** One run. */
    public RunTrace run(long seed) {
        try (Scaler fresh = scaler.get();
                RoutingAdvisor balancer = advisor == null ? null : advisor.get()) {
            return Simulation.run(scenario, fresh, balancer, seed);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(name + ": " + e, e);
        }
    }
}

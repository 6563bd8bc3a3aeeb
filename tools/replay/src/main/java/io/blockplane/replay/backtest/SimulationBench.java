package io.blockplane.replay.backtest;

import io.blockplane.policy.PolicyEngine;
import io.blockplane.replay.backtest.BacktestJob.Named;
import io.blockplane.simulator.RunTrace;
import io.blockplane.simulator.Scenario;
import io.blockplane.simulator.backtest.Contender;
import io.blockplane.simulator.policy.HpaScaler;
import io.blockplane.simulator.result.BacktestResult.Role;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Measures what a simulation costs on one thread, in processor time. */
public final class SimulationBench {

    private static final int RUNS = 3;
    private static final double BENCH_TARGET = 8;

    private SimulationBench() {}

    /** Runs each policy, and one without Python, some times; a line for each run. */
    public static String run(BacktestSetup setup, List<Named> policies) {
        StringBuilder out = new StringBuilder();
        Scenario scenario = setup.changed().scenario();
        List<Contender> contenders = new ArrayList<>();
        contenders.add(
                new Contender(
                        "HPA-like", Role.BASELINE, scenario, () -> new HpaScaler(BENCH_TARGET)));
        try (PolicyEngine engine = PolicyEngine.create()) {
            policies.forEach(p ->
                    contenders.add(
                            BacktestJob.contender(setup.changed(), p, Role.CANDIDATE, engine)));
            for (Contender contender : contenders) {
                for (int seed = 1; seed <= RUNS; seed++) {
                    out.append(measured(contender, seed));
                }
            }
        }
        return out.toString();
    }

    private static String measured(Contender contender, long seed) {
        long cpu = processNanos();
        long wall = System.nanoTime();
        RunTrace run = contender.run(seed);
        double cpuSeconds = (processNanos() - cpu) / 1e9;
        double wallSeconds = (System.nanoTime() - wall) / 1e9;
        return "%s, run %d: %,d requests, %,d events, %.2f s of processor time in all threads, %.2f s of wall time; %,.0f instance-seconds, %.2f %% met%n"
                .formatted(
                        contender.name(),
                        seed,
                        run.requests(),
                        run.events(),
                        cpuSeconds,
                        wallSeconds,
                        run.instanceSeconds(),
                        run.sloAttainment() * 100);
    }

    private static long processNanos() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }
}

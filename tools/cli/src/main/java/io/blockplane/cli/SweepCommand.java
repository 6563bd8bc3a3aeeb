package io.blockplane.cli;

import io.blockplane.policy.PolicyEngine;
import io.blockplane.replay.backtest.BacktestSetup;
import io.blockplane.replay.backtest.SweepJob;
import io.blockplane.replay.backtest.SweepText;
import io.blockplane.simulator.backtest.Sweep;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code replay sweep}: many parameters of a policy. */
@Command(
        name = "sweep",
        description =
                "Tries many parameters of a policy on one workload and tells those that are best:"
                        + " none of the others is cheaper and meets the objective more often.",
        mixinStandardHelpOptions = true)
final class SweepCommand implements Callable<Integer> {

    @Mixin private BacktestOptions options = new BacktestOptions();

    @ArgGroup(exclusive = false, multiplicity = "1")
    private CandidateOptions policy = new CandidateOptions();

    @Option(
            names = "--param",
            paramLabel = "NAME=VALUES",
            required = true,
            description =
                    "A parameter: 10,30,60 (each of them) or 10..60 (with --random; whole numbers"
                            + " when both are). Again for more; a name with a slash reaches into an"
                            + " object; settings.NAME is a setting.")
    private List<String> parameters = new ArrayList<>();

    @Option(
            names = "--random",
            paramLabel = "COUNT",
            description = "So many random points instead of the grid.")
    private int random;

    @Option(names = "--seed", description = "Of --random (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--seeds", description = "Runs of each point (default: ${DEFAULT-VALUE}).")
    private int seeds = 3;

    @Option(names = "--parallel", description = "Points at a time (default: all processors).")
    private int parallel = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description = "JSON lines, one a point: what is in it already is not run again.")
    private @Nullable Path state;

    @Option(names = "--out", paramLabel = "FILE", description = "The best points as JSON.")
    private @Nullable Path out;

    @Override
    public Integer call() throws IOException {
        List<Sweep.Axis> axes = new ArrayList<>();
        for (String parameter : parameters) {
            axes.add(Sweep.Axis.parse(parameter));
        }
        BacktestSetup setup = options.setup();
        List<Sweep.Point> points = random > 0 ? Sweep.random(axes, random, seed) : Sweep.grid(axes);
        try (PolicyEngine engine = PolicyEngine.create()) {
            List<Sweep.Outcome> outcomes =
                    SweepJob.run(
                            setup,
                            policy.named(),
                            points,
                            new SweepJob.Settings(seeds, parallel, state),
                            engine,
                            (done, of) -> BacktestCommand.progress(SweepText.progress(done, of)));
            BacktestCommand.progress("");
            System.out.print(SweepText.of(outcomes, setup.changed().scenario().slo().target()));
            if (out != null) {
                SweepJob.write(out, Sweep.front(outcomes));
                System.out.println("Pareto front in " + out);
            }
        }
        return 0;
    }
}

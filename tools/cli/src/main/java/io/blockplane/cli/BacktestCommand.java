package io.blockplane.cli;

import io.blockplane.policy.PolicyEngine;
import io.blockplane.replay.backtest.BacktestJob;
import io.blockplane.replay.backtest.BacktestJob.Named;
import io.blockplane.replay.backtest.BacktestSetup;
import io.blockplane.replay.backtest.BacktestText;
import io.blockplane.replay.backtest.SimulationBench;
import io.blockplane.simulator.backtest.Runner;
import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.ResultFile;
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

/** {@code replay backtest}: what would have happened. */
@Command(
        name = "backtest",
        description =
                "Runs policies in a simulation of what really came in, first of all the incumbent,"
                        + " beside what was recorded of it, and says what may be believed.",
        mixinStandardHelpOptions = true)
final class BacktestCommand implements Callable<Integer> {

    @Mixin private BacktestOptions options = new BacktestOptions();

    @ArgGroup(exclusive = false, multiplicity = "0..*")
    private List<CandidateOptions> candidates = new ArrayList<>();

    @Option(
            names = "--incumbent",
            description = "The first --policy is what the others are compared with.")
    private boolean firstIsIncumbent;

    @Option(names = "--seeds", description = "Runs of each policy (default: ${DEFAULT-VALUE}).")
    private int seeds = 5;

    @Option(names = "--parallel", description = "Runs at a time (default: all processors).")
    private int parallel = Runtime.getRuntime().availableProcessors();

    @Option(names = "--out", paramLabel = "FILE", description = "The result as JSON.")
    private @Nullable Path out;

    @Option(names = "--bench", hidden = true, description = "Measures the simulator instead.")
    private boolean bench;

    @Override
    public Integer call() throws IOException {
        if (seeds < 1) {
            throw new IllegalArgumentException("--seeds: " + seeds + " (expected: >= 1)");
        }
        BacktestSetup setup = options.setup();
        List<Named> named = new ArrayList<>();
        for (CandidateOptions candidate : candidates) {
            named.add(candidate.named());
        }
        if (bench) {
            System.out.print(SimulationBench.run(setup, named));
            return 0;
        }
        if (firstIsIncumbent && named.isEmpty()) {
            throw new IllegalArgumentException("--incumbent: no --policy (expected: at least one)");
        }
        Named incumbent = firstIsIncumbent ? named.removeFirst() : null;
        try (PolicyEngine engine = PolicyEngine.create();
                Runner runner = new Runner(parallel, BacktestCommand::progress)) {
            BacktestResult result = BacktestJob.run(setup, incumbent, named, seeds, engine, runner);
            progress("");
            System.out.print(BacktestText.of(result));
            setup.notes().forEach(note -> System.out.println("note: " + note));
            if (out != null) {
                ResultFile.write(out, result);
                System.out.println("result in " + out);
            }
        }
        return 0;
    }

    static void progress(String what) {
        System.err.printf("\r%-78s\r%s", "", what);
        System.err.flush();
    }
}

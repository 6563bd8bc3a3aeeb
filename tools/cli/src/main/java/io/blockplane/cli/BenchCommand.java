package io.blockplane.cli;

import io.blockplane.bench.PolicyBench;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench}: what a policy's call costs here, and in CPython. */
@Command(
        name = "bench",
        description =
                "Measures what calls of policies cost on this machine, compiled and interpreted,"
                        + " and in CPython on the same policies.",
        subcommands = {DataPlaneBenchCommand.class, ReplayBenchCommand.class},
        mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {

    @Option(
            names = "--python",
            description = "The CPython to compare with.",
            defaultValue = "python3",
            showDefaultValue = CommandLine.Help.Visibility.ALWAYS)
    private String python = "python3";

    @Option(names = "--interpreted", description = "Without the compiler.")
    private boolean interpreted;

    @Override
    public Integer call() throws Exception {
        PolicyBench.run(new PolicyBench.Config(python, !interpreted), System.out);
        return 0;
    }
}

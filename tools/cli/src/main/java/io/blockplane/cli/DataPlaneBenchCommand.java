package io.blockplane.cli;

import io.blockplane.bench.dataplane.DataPlaneBench;
import io.blockplane.bench.dataplane.PipelineBench;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench data-plane}: the executor beside what people could put in its place. */
@Command(
        name = "data-plane",
        description =
                "Measures Predict beside nginx, haproxy and a bare gRPC pass-through, and infer"
                        + " beside a pipeline of Python and Redis. The method: bench/README.md.",
        mixinStandardHelpOptions = true)
final class DataPlaneBenchCommand implements Callable<Integer> {

    @Option(names = "--quick", description = "Some minutes instead of the whole effort.")
    private boolean quick;

    @Option(names = "--no-predict", description = "Without the part about Predict.")
    private boolean noPredict;

    @Option(names = "--no-infer", description = "Without the part about infer.")
    private boolean noInfer;

    @Option(
            names = "--python",
            description =
                    "A Python 3 with grpc and redis for the pipeline (default: ${DEFAULT-VALUE}).")
    private String python = "python3";

    @Option(
            names = "--folder",
            description = "For logs and configurations (default: a temporary one).")
    private @Nullable Path folder;

    @Override
    public Integer call() throws Exception {
        Path files = folder != null ? folder : Files.createTempDirectory("blockplane-bench-");
        System.out.println("logs         " + files);
        boolean right =
                noPredict || DataPlaneBench.run(quick, files.resolve("predict"), System.out);
        if (!noInfer) {
            right &= PipelineBench.run(quick, python, files.resolve("infer"), System.out);
        }
        return right ? 0 : 1;
    }
}

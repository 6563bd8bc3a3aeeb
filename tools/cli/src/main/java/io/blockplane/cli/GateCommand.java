package io.blockplane.cli;

import io.blockplane.replay.gate.Gate;
import io.blockplane.replay.gate.GateAnswer;
import io.blockplane.replay.gate.GateLimits;
import io.blockplane.replay.gate.GateSummary;
import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.ResultFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replay gate}: a backtest's result as an exit code. */
@Command(
        name = "gate",
        description =
                "Passes or fails a candidate of a backtest, for CI. Counted is the end of the 95 %%"
                        + " interval that speaks against it, not the middle.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the candidate keeps the limits",
            "1:it does not",
            "2:can't say: the backtest refused a verdict, is not calibrated or too far off, or the"
                    + " result can't be read"
        },
        mixinStandardHelpOptions = true)
final class GateCommand implements Callable<Integer> {

    private static final int CANT_SAY = 2;

    @Parameters(paramLabel = "RESULT", description = "A file that 'replay backtest' wrote.")
    private Path result = Path.of("");

    @Option(
            names = "--max-slo-loss",
            paramLabel = "POINTS",
            required = true,
            description =
                    "Requests on time that the candidate may lose beside the policy in use, in"
                            + " percentage points; below 0 asks for a gain.")
    private double maxSloLossPoints;

    @Option(
            names = "--max-cost",
            paramLabel = "PERCENT",
            required = true,
            description =
                    "Instance-seconds that it may cost more than the policy in use, in percent; -5"
                            + " asks for a saving of 5 %%.")
    private double maxCostPercent;

    @Option(
            names = "--candidate",
            paramLabel = "NAME",
            description = "Which one. Default: the verdict's best, or the only one.")
    private @Nullable String candidate;

    @Option(
            names = "--summary",
            paramLabel = "FILE",
            description = "Where to write the Markdown summary. Default: standard output.")
    private @Nullable Path summary;

    @Option(
            names = "--max-cost-error",
            paramLabel = "PERCENT",
            description =
                    "How far off the simulation may be in cost for its word to count. Default:"
                            + " ${DEFAULT-VALUE}.")
    private double maxCostErrorPercent = GateLimits.COST_ERROR_PERCENT_DEFAULT;

    @Option(
            names = "--max-slo-error",
            paramLabel = "POINTS",
            description = "The same for requests on time. Default: ${DEFAULT-VALUE}.")
    private double maxSloErrorPoints = GateLimits.SLO_ERROR_POINTS_DEFAULT;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        GateLimits limits = limits();
        BacktestResult read;
        try {
            read = ResultFile.read(result);
        } catch (IOException | IllegalArgumentException e) {
            String reason = String.valueOf(e.getMessage());
            System.err.println("blockplane: " + reason);
            tell(GateSummary.unreadable(reason));
            return CANT_SAY;
        }
        GateAnswer answer = Gate.judge(read, limits);
        return tell(GateSummary.of(answer, read, limits)) ? answer.exitCode() : CANT_SAY;
    }

    private GateLimits limits() {
        try {
            return new GateLimits(
                    candidate,
                    maxSloLossPoints,
                    maxCostPercent,
                    maxCostErrorPercent,
                    maxSloErrorPoints);
        } catch (IllegalArgumentException e) {
            // Wrong usage has the same exit code as "can't say", and must not look like "fail".
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** False, with a message, when it could not be written. */
    private boolean tell(String markdown) {
        if (summary == null) {
            System.out.print(markdown);
            return true;
        }
        try {
            Files.writeString(summary, markdown);
            return true;
        } catch (IOException e) {
            System.err.println("blockplane: the summary was not written: " + e);
            return false;
        }
    }
}

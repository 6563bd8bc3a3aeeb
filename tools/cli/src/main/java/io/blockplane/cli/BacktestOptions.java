package io.blockplane.cli;

import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Json;
import io.blockplane.replay.backtest.BacktestSetup;
import io.blockplane.replay.backtest.ModelChoice;
import io.blockplane.replay.backtest.TraceFile;
import io.blockplane.simulator.result.BacktestResult.Slo;
import io.blockplane.simulator.workload.CsvTrace;
import io.blockplane.simulator.workload.SyntheticWorkload;
import io.blockplane.simulator.workload.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a simulation is of: workload, instances, surroundings, objective. */
final class BacktestOptions {

    @Mixin private Connection connection = new Connection();

    @Option(names = "--file", paramLabel = "FILE", description = "An exported log.")
    private @Nullable Path file;

    @Option(names = "--block", paramLabel = "ID", description = "The recorded block.")
    private @Nullable String blockId;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "Requests from then on, as 2026-11-30T14:00:00Z.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Requests up to then.")
    private @Nullable String to;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Instead of a log: a public trace.")
    private @Nullable Path trace;

    @Option(
            names = "--format",
            description = "Of the trace: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private TraceFile.Format format = TraceFile.Format.AUTO;

    @Option(
            names = "--columns",
            paramLabel = "TIME,IN,OUT[,SESSION]",
            description = "Names of a CSV's columns (default: ${DEFAULT-VALUE}).")
    private String columns = "timestamp,input_tokens,output_tokens";

    @Option(
            names = "--synthetic",
            paramLabel = "COUNT,RATE,IN,OUT",
            description = "Instead: so many Poisson arrivals, per second, mean tokens.")
    private @Nullable String synthetic;

    @Option(
            names = "--sessions",
            description = "Of a trace without: they take turns (default: ${DEFAULT-VALUE}).")
    private int sessions = 16;

    @Option(names = "--speed", description = "Of the requests; 4 is four times as fast.")
    private double speed = 1;

    @Option(
            names = "--seconds",
            description = "Only the requests of the trace's first seconds, before --speed.")
    private @Nullable Double seconds;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description =
                    "Of the instances: fitted (to the log; its default), llm (by llm-sim's"
                            + " settings; the default of traces), empirical, constant:MS,"
                            + " exponential:MS.")
    private @Nullable String model;

    @Option(
            names = "--llm",
            paramLabel = "JSON",
            description = "Settings of llm-sim for the model (default: the block's).")
    private String llm = "{}";

    @Option(
            names = "--overhead-ms",
            description = "Of connection and process, of --model llm (default: ${DEFAULT-VALUE}).")
    private double overheadMs = 2;

    @Option(
            names = "--places",
            description = "Requests that an instance serves at once, of the last three models.")
    private int places = 1;

    @Option(
            names = "--slo-ms",
            description = "A request is to be answered within (default: ${DEFAULT-VALUE}).")
    private long sloMs = 5_000;

    @Option(
            names = "--slo-target",
            description = "Share of requests that have to be (default: ${DEFAULT-VALUE}).")
    private double sloTarget = 0.95;

    @Option(
            names = "--min",
            description = "minInstances, but for a log's incumbent (default: the block's, or 1).")
    private @Nullable Integer min;

    @Option(
            names = "--max",
            description = "maxInstances, but for a log's incumbent (default: the block's, or 16).")
    private @Nullable Integer max;

    @Option(
            names = "--startup-ms",
            description = "Of an instance (default: as recorded, or 20000).")
    private @Nullable Double startUpMs;

    @Option(names = "--stop-ms", description = "Of an idle instance (default: recorded, or 1000).")
    private @Nullable Double stopMs;

    @Option(
            names = "--decision-ms",
            description = "From a window's end to a decision's effect (default: recorded, or 250).")
    private @Nullable Double decisionMs;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "After which callers give up; 0: never (default: ${DEFAULT-VALUE}).")
    private double timeoutSeconds;

    @Option(
            names = "--balancer",
            paramLabel = "URI",
            description =
                    "A built-in balancer, but for a log's incumbent (default: the block's, or"
                            + " least-outstanding). Alone it is a candidate: the recorded policy"
                            + " with it.")
    private @Nullable String balancer;

    @Option(names = "--balancer-parameters", paramLabel = "JSON", description = "Its parameters.")
    private String balancerParameters = "{}";

    /** What they say. */
    BacktestSetup setup() throws IOException {
        Workload workload = workload();
        if (workload != null) {
            return BacktestSetup.of(workload.faster(speed), options("llm"));
        }
        if (blockId == null) {
            throw new IllegalArgumentException(
                    "--block: absent (expected: the recorded block's id, or --trace, or"
                            + " --synthetic)");
        }
        return BacktestSetup.of(
                ExplainCommand.source(connection, file),
                blockId,
                time("--from", from, Long.MIN_VALUE / 1_000),
                time("--to", to, Long.MAX_VALUE / 1_000),
                speed,
                options("fitted"));
    }

    private @Nullable Workload workload() throws IOException {
        if (synthetic != null) {
            return synthetic(synthetic);
        }
        if (trace == null) {
            return null;
        }
        String[] names = columns.split(",", -1);
        if (names.length < 3 || names.length > 4) {
            throw new IllegalArgumentException(
                    "--columns: " + columns + " (expected: TIME,IN,OUT or TIME,IN,OUT,SESSION)");
        }
        CsvTrace csv =
                new CsvTrace(
                        names[0], names[1], names[2], names.length > 3 ? names[3] : null, sessions);
        Workload read = TraceFile.read(trace, format, csv);
        return seconds == null ? read : read.first(seconds);
    }

    private Workload synthetic(String text) {
        String[] parts = text.split(",", -1);
        try {
            if (parts.length == 4) {
                return new SyntheticWorkload(
                                Integer.parseInt(parts[0]),
                                Double.parseDouble(parts[1]),
                                Double.parseDouble(parts[2]),
                                Double.parseDouble(parts[3]),
                                sessions)
                        .make(1);
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                "--synthetic: " + text + " (expected: COUNT,RATE,IN,OUT as 10000,50,500,30)");
    }

    private BacktestSetup.Options options(String defaultModel) throws IOException {
        if (!(sloTarget > 0 && sloTarget <= 1)) {
            throw new IllegalArgumentException(
                    "--slo-target: " + sloTarget + " (expected: more than 0, at most 1)");
        }
        if (sloMs < 1) {
            throw new IllegalArgumentException("--slo-ms: " + sloMs + " (expected: >= 1)");
        }
        return new BacktestSetup.Options(
                new ModelChoice(
                        model == null ? defaultModel : model,
                        JsonArgument.object("--llm", llm),
                        overheadMs,
                        places),
                new Slo(sloMs, sloTarget),
                min,
                max,
                startUpMs,
                stopMs,
                decisionMs,
                balancer == null
                        ? null
                        : new PolicyBinding(
                                balancer,
                                JsonArgument.object("--balancer-parameters", balancerParameters),
                                Json.EMPTY_OBJECT),
                timeoutSeconds);
    }

    private static long time(String option, @Nullable String text, long otherwise) {
        if (text == null) {
            return otherwise;
        }
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    option + ": " + text + " (expected: a time as 2026-11-30T14:00:00Z)", e);
        }
    }
}

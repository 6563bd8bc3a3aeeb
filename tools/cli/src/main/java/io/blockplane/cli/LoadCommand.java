package io.blockplane.cli;

import io.blockplane.load.LoadClient;
import io.blockplane.load.LoadReport;
import io.blockplane.load.LoadRun;
import io.blockplane.load.Packets;
import io.blockplane.load.Payload;
import io.blockplane.load.Progress;
import io.blockplane.load.RatePlan;
import io.blockplane.load.RateSchedule;
import io.blockplane.load.Schedule;
import io.blockplane.load.TokenCounts;
import io.blockplane.load.TraceSchedule;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code load}: requests by a plan, and how they fared. */
@Command(
        name = "load",
        description =
                "Sends requests to a block at planned times (open loop: latency counts from the"
                        + " planned time) and tells how they fared.",
        footer = {
            "",
            "Rates: 200 | 200/30s | 100:2000/60s (ramp) | 100:500:5/50s (five steps) | several with"
                    + " commas.",
            "Tokens: 512 | 100..900 (each as likely) | 512~4000 (log-normal: median, 99th"
                    + " percentile).",
            "Exit code: 0 all answered, 1 some failed or were not sent, 2 wrong usage."
        },
        mixinStandardHelpOptions = true)
final class LoadCommand implements Callable<Integer> {

    @Mixin private Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "BLOCK", description = "The block's id.")
    private String blockId = "";

    @Option(
            names = "--rate",
            paramLabel = "PLAN",
            description = "Requests a second, see below (default: ${DEFAULT-VALUE}).")
    private String rate = "20";

    @Option(
            names = "--seconds",
            description = "For how long, where the plan does not say (default: ${DEFAULT-VALUE}).")
    private int seconds = 30;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description =
                    "Instead of a rate: a CSV with TIMESTAMP, ContextTokens, GeneratedTokens.")
    private @Nullable Path trace;

    @Option(
            names = "--speed",
            description = "Of the trace; 10 is ten times as fast (default: ${DEFAULT-VALUE}).")
    private double speed = 1;

    @Option(
            names = "--concurrency",
            paramLabel = "COUNT",
            description =
                    "Instead of planned times: keep so many requests open (a closed loop: for the"
                            + " most that a block can do). Needs --num-requests.")
    private int concurrency;

    @Option(names = "--num-requests", paramLabel = "COUNT", description = "Requests at most.")
    private @Nullable Long requests;

    @Option(
            names = "--input-tokens",
            paramLabel = "COUNT",
            description = "Tokens (words) of a request, see below (default: ${DEFAULT-VALUE}).")
    private String inputTokens = "48";

    @Option(
            names = "--max-output-tokens",
            paramLabel = "COUNT",
            description = "Tokens that a request asks for (default: ${DEFAULT-VALUE}).")
    private String outputTokens = "64";

    @Option(
            names = "--payload",
            description =
                    "What data is: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). texts is"
                            + " for embedding, prompt for llm-sim, chat for OpenAI servers.")
    private Payload payload = Payload.TEXTS;

    @Option(
            names = "--method",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private LoadClient.Method method = LoadClient.Method.INFER;

    @Option(names = "--sessions", description = "They take turns (default: ${DEFAULT-VALUE}).")
    private int sessions = 16;

    @Option(
            names = "--spacing",
            description = "Within the rate: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private RateSchedule.Spacing spacing = RateSchedule.Spacing.EVEN;

    @Option(names = "--seed", description = "Of chance (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "After which a request has failed (default: ${DEFAULT-VALUE}).")
    private double timeoutSeconds = 30;

    @Option(
            names = "--max-open",
            paramLabel = "COUNT",
            description =
                    "Unanswered requests beyond which a planned one is not sent (default:"
                            + " ${DEFAULT-VALUE}).")
    private int maxOpen = 10_000;

    @Option(names = "--connections", description = "Default: ${DEFAULT-VALUE}.")
    private int connections = 1;

    @Option(names = "--json", description = "The result as JSON on standard output.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (concurrency < 0 || (concurrency > 0 && requests == null)) {
            throw new IllegalArgumentException(
                    "--concurrency: " + concurrency + " (expected: > 0, with --num-requests)");
        }
        PrintStream toPeople = json ? System.err : System.out;
        Consumer<Progress> progress = so -> toPeople.println(so.text());
        Packets packets = new Packets("load-" + System.currentTimeMillis(), sessions, payload);
        LoadReport report;
        try (LoadClient client = new LoadClient(connection.grpc(), blockId, method, connections);
                Schedule schedule = schedule()) {
            LoadRun run =
                    new LoadRun(
                            client,
                            packets,
                            new LoadRun.Settings(
                                    Duration.ofMillis(Math.round(timeoutSeconds * 1000)),
                                    maxOpen,
                                    (_, _) -> {},
                                    progress));
            report = concurrency > 0 ? run.closed(schedule, concurrency) : run.open(schedule);
        }
        toPeople.print(report.text());
        toPeople.printf("sessions    %s-0 .. %s-%d%n", packets.run(), packets.run(), sessions - 1);
        if (json) {
            System.out.println(report.json());
        }
        return report.failed() == 0 ? 0 : 1;
    }

    private Schedule schedule() throws IOException {
        long limit = requests == null ? Long.MAX_VALUE : requests;
        if (trace != null) {
            return TraceSchedule.open(trace, speed, limit);
        }
        // With a number of requests, a phase without a time lasts until they are sent.
        Duration lasting =
                requests == null ? Duration.ofSeconds(seconds) : Duration.ofDays(FOR_EVER_DAYS);
        return new RateSchedule(
                RatePlan.parse(rate, lasting),
                spacing,
                TokenCounts.parse(inputTokens),
                TokenCounts.parse(outputTokens),
                limit,
                seed);
    }

    private static final long FOR_EVER_DAYS = 365;
}

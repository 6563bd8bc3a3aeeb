package io.blockplane.cli;

import io.blockplane.replay.Export;
import io.blockplane.replay.Finding;
import io.blockplane.replay.LogSource;
import io.blockplane.replay.Verify;
import io.blockplane.replay.VerifyReport;
import io.blockplane.replay.importing.Import;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code replay verify|export|import|explain|diff|backtest|sweep|report|gate}. */
@Command(
        name = "replay",
        description = "Judges decisions by what the log says.",
        subcommands = {
            ExplainCommand.class,
            DiffCommand.class,
            BacktestCommand.class,
            SweepCommand.class,
            ReportCommand.class,
            GateCommand.class
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "verify|export|import|explain|diff|backtest|sweep|report|gate")
final class ReplayCommand {

    private static final int FINDINGS_SHOWN = 10;
    private static final long PROGRESS_EVERY_NS = 200_000_000;

    @Command(
            description =
                    "Executes every recorded decision again, compares to the byte, and checks the"
                            + " hash chain. Writes nothing anywhere. Exit code 1 when anything"
                            + " differs.",
            mixinStandardHelpOptions = true)
    int verify(@Mixin LogPart part) throws IOException {
        LogSource log = part.source();
        long start = System.nanoTime();
        VerifyReport report = Verify.run(log, part.selection(), new ProgressLine());
        System.err.printf("\r%60s\r", "");
        report.findings().stream()
                .limit(FINDINGS_SHOWN)
                .map(Finding::text)
                .forEach(System.out::println);
        if (report.findings().size() > FINDINGS_SHOWN) {
            System.out.println(
                    "... and " + (report.findings().size() - FINDINGS_SHOWN) + " more findings");
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "%s (%d chains, %s, %.1f s, %,.0f decisions/s)%n",
                report.summary(),
                report.chains(),
                log.name(),
                seconds,
                report.decisions() / seconds);
        return report.holds() ? 0 : 1;
    }

    @Command(
            description =
                    "Copies the events of a log (not the packets), or a part of them, into one"
                            + " file.",
            mixinStandardHelpOptions = true)
    int export(
            @Mixin LogPart part,
            @Parameters(
                            paramLabel = "FILE",
                            description = "Packed JSON lines, whatever it is called.")
                    Path file)
            throws IOException {
        long records = Export.write(part.connection().kafka(), file, part.selection());
        System.out.printf("%,d records in %s%n", records, file);
        return 0;
    }

    @Command(
            name = "import",
            description =
                    "Writes an exported log into a cluster that has none. The file is checked as a"
                            + " whole first.",
            mixinStandardHelpOptions = true)
    int importLog(
            @Parameters(paramLabel = "FILE") Path file,
            @Option(
                            names = "--bootstrap-servers",
                            paramLabel = "HOST:PORT",
                            required = true,
                            description = "The Kafka cluster.")
                    String bootstrapServers)
            throws IOException {
        long records = Import.write(file, new io.blockplane.log.Kafka(bootstrapServers));
        System.out.printf("%,d records in %s%n", records, bootstrapServers);
        return 0;
    }

    /** One line that is written over, a few times a second. */
    private static final class ProgressLine implements Verify.Progress {
        private final long startNs = System.nanoTime();
        private long shownNs = startNs;

        @Override
        public void at(long done, long total) {
            long now = System.nanoTime();
            if (now - shownNs >= PROGRESS_EVERY_NS || done == total) {
                shownNs = now;
                System.err.printf(
                        "\r%,d of %,d decisions executed again, %,.0f/s ",
                        done, total, done / ((now - startNs) / 1e9));
                System.err.flush();
            }
        }
    }
}

package io.blockplane.cli;

import io.blockplane.replay.Export;
import io.blockplane.replay.Finding;
import io.blockplane.replay.LogSource;
import io.blockplane.replay.Verify;
import io.blockplane.replay.VerifyReport;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code replay verify|export|backtest|sweep|report|gate}. */
@Command(
        name = "replay",
        description = "Executes recorded decisions again.",
        synopsisSubcommandLabel = "verify|export|backtest|sweep|report|gate",
        subcommands = {
            BacktestCommand.class,
            SweepCommand.class,
            ReportCommand.class,
            GateCommand.class
        })
final class ReplayCommand {

    private static final int FINDINGS_SHOWN = 10;

    @Command(
            description =
                    "Executes every recorded decision again, compares to the byte, and checks the"
                            + " hash chain. Exit code 1 when anything differs.")
    int verify(
            @Mixin Connection connection,
            @Option(names = "--file", description = "Read an exported log instead of a broker.")
                    @Nullable Path file)
            throws IOException {
        LogSource log = ExplainCommand.source(connection, file);
        long start = System.nanoTime();
        VerifyReport report = Verify.run(log, ReplayCommand::progress);
        System.err.printf("\r%60s\r", "");
        report.findings().stream()
                .limit(FINDINGS_SHOWN)
                .map(Finding::text)
                .forEach(System.out::println);
        if (report.findings().size() > FINDINGS_SHOWN) {
            System.out.println(
                    "... and " + (report.findings().size() - FINDINGS_SHOWN) + " more findings");
        }
        System.out.printf(
                "%s (%d chains, %s, %.1f s)%n",
                report.summary(), report.chains(), log.name(), (System.nanoTime() - start) / 1e9);
        return report.holds() ? 0 : 1;
    }

    @Command(description = "Copies the events of a log (not the packets) into one file.")
    int export(
            @Mixin Connection connection,
            @Parameters(paramLabel = "FILE", description = "JSON lines; gzip when it ends in .gz.")
                    Path file,
            @Option(names = "--block", description = "Only this block's events.")
                    @Nullable String blockId)
            throws IOException {
        long records = Export.write(connection.kafka(), file, blockId);
        System.out.printf("%,d records in %s%n", records, file);
        return 0;
    }

    private static void progress(long done, long total) {
        if (done % 100 == 0 || done == total) {
            System.err.printf("\r%,d of %,d decisions executed again", done, total);
            System.err.flush();
        }
    }
}

package io.blockplane.cli;

import io.blockplane.replay.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code replay report}: what a backtest found, as a page for people. */
@Command(
        name = "report",
        description =
                "Writes one HTML page of one or more results of 'replay backtest': the verdict, the"
                    + " policies side by side, the timeline with every decision's reason. The page"
                    + " is one file and asks the network for nothing.",
        mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "RESULT",
            arity = "1..*",
            description = "Files that 'replay backtest' wrote; each becomes a section.")
    private List<Path> results = List.of();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "report.html",
            description = "Where to write the page. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("report.html");

    @Override
    public Integer call() throws IOException {
        List<Report.Input> inputs = new ArrayList<>();
        for (Path result : results) {
            inputs.add(Report.Input.read(result));
        }
        Files.writeString(out, Report.html(inputs));
        for (Report.Input input : inputs) {
            System.out.println(input.result().verdict().sentence());
        }
        System.out.printf("%s, %,d KB: open it in a browser%n", out, Files.size(out) / 1_000);
        return 0;
    }
}

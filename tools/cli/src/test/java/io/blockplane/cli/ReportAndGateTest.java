package io.blockplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.simulator.result.BacktestResult.Calibration;
import io.blockplane.simulator.result.ResultFile;
import io.blockplane.simulator.sample.SampleResults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportAndGateTest {

    @TempDir Path folder;
    private Path result = Path.of("");

    @BeforeEach
    void writeResult() throws IOException {
        result = folder.resolve("result.json");
        ResultFile.write(result, SampleResults.of(7));
    }

    @Test
    void aPageIsMadeOfSeveralResults() throws IOException {
        Path other = folder.resolve("other.json");
        ResultFile.write(other, SampleResults.of(8));
        Path page = folder.resolve("page.html");
        CommandLineRun run =
                CommandLineRun.of("replay", "report", "" + result, "" + other, "--out", "" + page);
        assertThat(run.output()).contains(page + ", ", "fewer instance-hours");
        assertThat(run.exitCode()).isZero();
        assertThat(Files.readString(page)).contains("2 backtests", "result.json", "other.json");
    }

    @Test
    void noPageIsMadeOfWhatIsNoResult() throws IOException {
        Path page = folder.resolve("page.html");
        Files.writeString(result, Files.readString(result).replace("\"seeds\"", "\"seed\""));
        CommandLineRun run = CommandLineRun.of("replay", "report", "" + result, "--out", "" + page);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output()).contains(result + ": result.seed: ", "no such field");
        assertThat(page).doesNotExist();
        assertThat(CommandLineRun.of("replay", "report", folder + "/none.json").output())
                .contains(folder + "/none.json: no such file");
    }

    @Test
    void theGatesExitCodeSaysPassFailOrCantSay() throws IOException {
        assertThat(gate("--max-slo-loss", "1", "--max-cost", "0"))
                .returns(0, CommandLineRun::exitCode);
        assertThat(gate("--max-slo-loss", "1", "--max-cost", "-50"))
                .returns(1, CommandLineRun::exitCode);
        assertThat(gate("--max-slo-loss", "1", "--max-cost", "0", "--candidate", "nobody"))
                .returns(2, CommandLineRun::exitCode);
        assertThat(gate("--max-slo-loss", "1", "--max-cost", "0", "--max-cost-error", "1"))
                .returns(2, CommandLineRun::exitCode);
        ResultFile.write(result, SampleResults.with(SampleResults.of(7), (Calibration) null));
        assertThat(gate("--max-slo-loss", "1", "--max-cost", "0"))
                .returns(2, CommandLineRun::exitCode);
        Files.writeString(result, "{}");
        CommandLineRun unreadable = gate("--max-slo-loss", "1", "--max-cost", "0");
        assertThat(unreadable).returns(2, CommandLineRun::exitCode);
        assertThat(unreadable.output()).contains("can't say", "format: missing");
        Files.delete(result);
        assertThat(gate("--max-slo-loss", "1", "--max-cost", "0"))
                .returns(2, CommandLineRun::exitCode);
    }

    /** It must not look like a candidate that fails. */
    @Test
    void wrongUsageOfTheGateIsNoFail() {
        assertThat(gate("--max-slo-loss", "1")).returns(2, CommandLineRun::exitCode);
        CommandLineRun nan = gate("--max-slo-loss", "NaN", "--max-cost", "1");
        assertThat(nan).returns(2, CommandLineRun::exitCode);
        assertThat(nan.output()).contains("maxSloLossPoints: NaN (expected: a finite number)");
    }

    @Test
    void theSummaryGoesToAFile() throws IOException {
        Path summary = folder.resolve("summary.md");
        CommandLineRun run =
                gate("--max-slo-loss", "1", "--max-cost", "0", "--summary", "" + summary);
        assertThat(run).returns(0, CommandLineRun::exitCode).returns("", CommandLineRun::output);
        assertThat(Files.readString(summary)).startsWith("### ✅ Policy gate: pass");
        CommandLineRun nowhere =
                gate("--max-slo-loss", "1", "--max-cost", "0", "--summary", folder + "/no/such");
        assertThat(nowhere).returns(2, CommandLineRun::exitCode);
        assertThat(nowhere.output()).contains("the summary was not written");
    }

    /** Its lines are taken by the command line: with {@code --help} behind, nothing is run. */
    @Test
    void theExampleForCiUsesOptionsThatAreThere() throws IOException {
        String workflow =
                Files.readString(UpProcess.ROOT.resolve("examples/ci/policy-gate.yml"))
                        .replaceAll("\\R {10}--", " --");
        List<String[]> lines =
                Pattern.compile("blockplane/blockplane (replay .*?)( \\|\\| .*)?\\R")
                        .matcher(workflow)
                        .results()
                        .map(line -> (line.group(1) + " --help").split(" "))
                        .toList();
        assertThat(lines).hasSize(3);
        for (String[] line : lines) {
            assertThat(CommandLineRun.of(line))
                    .as(String.join(" ", line))
                    .returns(0, CommandLineRun::exitCode);
        }
    }

    private CommandLineRun gate(String... options) {
        String[] line = new String[options.length + 3];
        line[0] = "replay";
        line[1] = "gate";
        line[2] = result.toString();
        System.arraycopy(options, 0, line, 3, options.length);
        return CommandLineRun.of(line);
    }
}

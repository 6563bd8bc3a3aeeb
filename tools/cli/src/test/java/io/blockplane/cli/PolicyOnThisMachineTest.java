package io.blockplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code policy init} and {@code policy test}, without a server. */
class PolicyOnThisMachineTest {

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "autoscaler, eval 1     RETURNED  {\"skip\":false",
        "balancer, eval 2     RETURNED  in-0002",
        "health, eval 1     RETURNED  {\"failed\":[]}",
        "failure, restart in-0001"
    })
    void writesAPolicyOfEachKindThatPassesItsTest(String kind, String expected) {
        String policy = folder.resolve("mine").toString();
        CommandLineRun init = CommandLineRun.of("policy", "init", policy, "--kind", kind);
        assertThat(init.exitCode()).as(init.output()).isZero();
        assertThat(init.output()).contains("function.py", "sample-input.json");
        CommandLineRun test = CommandLineRun.of("policy", "test", policy);
        assertThat(test.output())
                .contains("load       RETURNED")
                .contains(expected)
                .contains("PASSED    code/test_function.py::test_")
                .doesNotContain("FAILED")
                .endsWith("ok" + System.lineSeparator());
        assertThat(test.exitCode()).isZero();
    }

    @Test
    void saysWhatFails() throws Exception {
        Path policy = folder.resolve("failing");
        CommandLineRun.of("policy", "init", policy.toString(), "--kind", "failure");
        Path input = Files.writeString(folder.resolve("input.json"), "[{\"instance\":\"x\"}]");
        Files.writeString(
                policy.resolve("test_beside.py"),
                "import function\n\ndef test_wrong():\n    assert function.__name__ == 'x'\n");
        CommandLineRun test =
                CommandLineRun.of("policy", "test", policy.toString(), "--input", input.toString());
        assertThat(test.exitCode()).isEqualTo(1);
        assertThat(test.output())
                .contains("eval 1     UNUSABLE")
                .contains("FAILED    test_beside.py::test_wrong")
                .contains("assert function.__name__ == 'x'")
                .endsWith("2 failed" + System.lineSeparator());
    }

    @Test
    void refusesWhatAServerWouldRefuse() throws Exception {
        Path policy = folder.resolve("refused");
        CommandLineRun.of("policy", "init", policy.toString());
        CommandLineRun again = CommandLineRun.of("policy", "init", policy.toString());
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.output()).contains("is there already (expected: a new or empty folder)");
        CommandLineRun bad =
                CommandLineRun.of(
                        "policy", "test", policy.toString(), "--parameters", "{\"high\":-1}");
        assertThat(bad.exitCode()).isEqualTo(1);
        assertThat(bad.output())
                .isEqualToIgnoringNewLines(
                        "blockplane: parameters.high: must have an exclusive minimum value of 0");
        Files.writeString(policy.resolve("code/requirements.txt"), "numpy\n");
        CommandLineRun numpy = CommandLineRun.of("policy", "test", policy.toString());
        assertThat(numpy.exitCode()).isEqualTo(1);
        assertThat(numpy.output()).contains("requirements.txt: numpy (expected: built in:");
        assertThat(CommandLineRun.of("policy", "test", "nowhere").output())
                .contains("nowhere is not there");
        assertThat(CommandLineRun.of("policy", "init").exitCode()).isEqualTo(2);
    }
}

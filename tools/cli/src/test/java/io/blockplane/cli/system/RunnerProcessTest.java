package io.blockplane.cli.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RunnerProcessTest {

    @Test
    void compilesPoliciesWhereThisProcessCan() {
        assertThat(
                        RunnerProcess.flags(
                                List.of(
                                        "-Xmx2g",
                                        "-XX:+UnlockExperimentalVMOptions",
                                        "-XX:+EnableJVMCI",
                                        "--upgrade-module-path=graal")))
                .contains("-XX:+EnableJVMCI", "--upgrade-module-path=graal")
                .contains("-Xmx1g")
                .contains(
                        "-XX:CompileCommand=CompileThresholdScaling,"
                                + "sun.security.provider.*::*,0.1")
                .doesNotContain("-Xmx2g", "-XX:TieredStopAtLevel=1");
    }

    @Test
    void isQuickToStartWhereItInterpretsPolicies() {
        assertThat(RunnerProcess.flags(List.of("-Xmx2g", "-XX:+UnlockExperimentalVMOptions")))
                .contains("-XX:TieredStopAtLevel=1")
                .doesNotContain("-XX:+UnlockExperimentalVMOptions", "-XX:+EnableJVMCI");
    }
}

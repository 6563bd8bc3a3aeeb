package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.PolicyLine;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Files that were exported once stay readable. The one of version 2 was written with {@code
 * -Dgolden.write=FILE}; it is never written again.
 */
@ExtendWith(SharedEngine.class)
class GoldenExportTest {

    private static final String COUNTER =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.get_metrics = settings["get_metrics"]
                    self.calls = 0

                def eval(self, parameters, input_data, context):
                    self.calls += len(self.get_metrics()["block_metrics"])
                    return {"skip": True, "reason": str(self.calls)}
            """;

    @Test
    void stillHolds(PolicyEngine engine) throws IOException, URISyntaxException {
        String path = System.getProperty("golden.write");
        if (path != null) {
            write(engine, Path.of(path));
        }
        LogSource golden = golden();
        assertThat(golden.origin().partitions())
                .containsExactly(new Provenance.Partition("blockplane.decisions", 0, 0, 4));
        VerifyReport report = Verify.run(golden, Selection.ALL, engine, (_, _) -> {});
        assertThat(report.findings()).isEmpty();
        assertThat(report.summary()).isEqualTo("4 decisions, 4 identical, chain intact");
    }

    static LogSource golden() throws URISyntaxException {
        return LogSource.file(
                Path.of(GoldenExportTest.class.getResource("golden-v2.bplog").toURI()));
    }

    private static void write(PolicyEngine engine, Path file) throws IOException {
        RecordedLog log = new RecordedLog();
        PolicyAssignment assignment = Lives.assignment(engine, "golden", COUNTER);
        log.archive(assignment.archive());
        try (PolicyLine line = PolicyLine.start(engine, assignment, PolicyLimits.PATIENT)) {
            for (int i = 0; i < 3; i++) {
                Lives.eval(log, line, "golden", i);
            }
        }
        log.write(
                file,
                new Provenance(
                        Provenance.TOOL,
                        "2026-11-30T05:30:00Z",
                        "golden",
                        null,
                        null,
                        null,
                        List.of(),
                        List.of(new Provenance.Partition("blockplane.decisions", 0, 0, 4)),
                        List.of("blockplane.inbox", "blockplane.outputs")));
    }
}

package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.PolicyLine;
import io.blockplane.replay.Selection.OffsetRange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Parts of a log, and logs of which parts are gone. */
@ExtendWith(SharedEngine.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerifyRangeTest {

    private static final String COUNTER =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.get_metrics = settings["get_metrics"]
                    self.calls = 0

                def eval(self, parameters, input_data, context):
                    self.get_metrics()
                    self.calls += 1
                    return {"skip": True, "reason": str(self.calls)}
            """;

    @TempDir Path folder;

    private final RecordedLog log = new RecordedLog();
    private List<Integer> decisions = new ArrayList<>();

    /** INIT, nine evaluations, a snapshot after the fourth. */
    @BeforeAll
    void live(PolicyEngine engine) {
        PolicyAssignment assignment = Lives.assignment(engine, "part", COUNTER);
        log.archive(assignment.archive());
        try (PolicyLine line = PolicyLine.start(engine, assignment, PolicyLimits.PATIENT)) {
            for (int i = 0; i < 9; i++) {
                Lives.eval(log, line, "part", i);
                if (i == 3) {
                    line.snapshot(Lives.NOON + 3_500).forEach(log::decision);
                }
            }
        }
        decisions = log.decisionIndexes();
        assertThat(log.decisions()).extracting(PolicyDecided::call).contains(Call.SNAPSHOT);
    }

    @Test
    void executesARangeOfTimeFromTheLastStateThatWasWrittenDown(PolicyEngine engine)
            throws IOException {
        Instant from = Instant.ofEpochMilli(Lives.NOON + 6_000);
        Selection range = new Selection("part", from, from.plusSeconds(2), List.of());
        VerifyReport report = verify(log, range, engine);
        assertThat(report.findings()).isEmpty();
        assertThat(report.holds()).isTrue();
        assertThat(report.summary())
                .isEqualTo("6 decisions (4 from before, for the state), 6 identical, chain intact");
    }

    @Test
    void executesARangeOfOffsets(PolicyEngine engine) throws IOException {
        long first = offset(decisions.get(2));
        Selection range =
                new Selection(
                        null,
                        null,
                        null,
                        List.of(new OffsetRange(0, first, offset(decisions.get(4)))));
        VerifyReport report = verify(log, range, engine);
        assertThat(report.holds()).isTrue();
        assertThat(report.decisions()).isEqualTo(4);
        assertThat(report.before()).isEqualTo(2);
        Selection elsewhere =
                new Selection(null, null, null, List.of(new OffsetRange(1, 0, 1_000)));
        assertThat(verify(log, elsewhere, engine).decisions()).isZero();
    }

    @Test
    void vouchesAgainFromTheNextStateThatWasWrittenDown(PolicyEngine engine) throws IOException {
        VerifyReport report = verify(log.without(decisions.get(2)), Selection.ALL, engine);
        assertThat(report.holds()).isFalse();
        assertThat(report.identical()).isEqualTo(8);
        assertThat(report.findings().stream().map(Finding::text))
                .containsExactly(
                        "dec-part-scale-3 at %s: decision 2 before it is not in the log"
                                .formatted(log.where(decisions.get(3))),
                        ("dec-part-scale-3 at %s can't be executed: the state before it is unknown:"
                                        + " decision 2 should come here; nor can the 1 after it;"
                                        + " vouched for again from dec-part-scale-5 at %s on")
                                .formatted(
                                        log.where(decisions.get(3)), log.where(decisions.get(5))));
    }

    @Test
    void knowsAFileThatWasCutOnPurpose(PolicyEngine engine) throws IOException {
        RecordedLog cut = log.without(decisions.getFirst());
        Path file = folder.resolve("cut.bplog");
        cut.write(
                file,
                new Provenance(
                        "test",
                        "now",
                        null,
                        null,
                        "2023-11-14T22:13:21Z",
                        null,
                        List.of(),
                        List.of(),
                        List.of()));
        VerifyReport report = Verify.run(LogSource.file(file), Selection.ALL, engine, (_, _) -> {});
        assertThat(report.chainIntact()).isTrue();
        assertThat(report.findings())
                .singleElement()
                .isInstanceOfSatisfying(
                        Finding.NotExecutable.class,
                        one -> assertThat(one.text()).contains("no INIT comes before it"));
        assertThat(verify(cut, Selection.ALL, engine).chainIntact()).isFalse();
    }

    @Test
    void refusesARangeThatIsNone() {
        assertThatThrownBy(() -> OffsetRange.parse("2:5"))
                .hasMessage("offsets: 2:5 (expected: PARTITION:FROM-TO, 2:100-250 for example)");
        assertThatThrownBy(() -> OffsetRange.parse("2:5-5"))
                .hasMessage("offsets: 5-5 (expected: the first less than the last)");
        Instant noon = Instant.ofEpochMilli(Lives.NOON);
        assertThatThrownBy(() -> new Selection(null, noon, noon, List.of()))
                .hasMessageContaining("(expected: earlier than to, ");
    }

    private long offset(int index) {
        return Long.parseLong(log.where(index).replaceAll(".*@", ""));
    }

    private VerifyReport verify(RecordedLog some, Selection selection, PolicyEngine engine)
            throws IOException {
        return Verify.run(some.write(folder), selection, engine, (_, _) -> {});
    }
}

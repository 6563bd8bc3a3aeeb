package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.PolicyLine;
import io.blockplane.policy.format.PolicyArchive;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A candidate beside recorded decisions, and what would have flipped one of those. */
@ExtendWith(SharedEngine.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DiffTest {

    /** One more instance above a threshold, but never twice in a row. */
    private static final String THRESHOLD =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.get_metrics = settings["get_metrics"]
                    self.limit = parameters.get("limit", 150)
                    self.rested = True

                def eval(self, parameters, input_data, context):
                    measured = self.get_metrics()["block_metrics"]
                    load = measured[0]["llm_input_tokens_per_minute_rolling"]["current"]
                    acts, self.rested = load > self.limit and self.rested, True
                    if not acts:
                        return {"skip": True, "reason": f"{load} is not above {self.limit}"}
                    self.rested = False
                    return {"skip": False, "operation": "upscale", "instances_count": 1,
                            "reason": f"{load} is above {self.limit}"}
            """;

    @TempDir static Path folder;

    private final RecordedLog log = new RecordedLog();
    private LogSource source = LogSource.file(Path.of(""));

    /** Loads 0, 100, 200, 300, 400, 500 at a limit of 150. */
    @BeforeAll
    void live(PolicyEngine engine) throws IOException {
        PolicyAssignment assignment =
                PolicyAssignment.of(
                        engine,
                        "far",
                        Kind.SCALE,
                        null,
                        "test:1-stable",
                        PolicyArchive.ofFunction(THRESHOLD),
                        Json.parse("{\"limit\":150}"),
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT);
        log.archive(assignment.archive());
        try (PolicyLine line = PolicyLine.start(engine, assignment, PolicyLimits.PATIENT)) {
            for (int i = 0; i < 6; i++) {
                Lives.eval(log, line, "far", i);
            }
        }
        source = log.write(folder);
    }

    @Test
    void groupsWhatTheCandidateDecidesOtherwiseByItsCause(PolicyEngine engine) throws IOException {
        DiffReport report = diff("{\"limit\":250}", engine);
        // 200: not yet; 300: does, where the other one rested; 400: rests; 500: does.
        assertThat(report.compared()).isEqualTo(6);
        assertThat(report.differing()).isEqualTo(4);
        assertThat(report.chains())
                .singleElement()
                .isEqualTo(new DiffReport.ChainDiff("far/SCALE", 6, 4, 2, "dec-far-scale-3", null));
        assertThat(report.groups()).extracting(DiffReport.Group::count).containsExactly(2L, 2L);
        assertThat(report.groups().getFirst())
                .satisfies(group -> {
                    assertThat(group.recorded()).isEqualTo("UPSCALE 1");
                    assertThat(group.candidate()).isEqualTo("NONE");
                    assertThat(group.recordedReason()).isEqualTo("# is above #");
                    assertThat(group.candidateReason()).isEqualTo("# is not above #");
                });
        assertThat(report.text())
                .contains("the first 2 are valid, then dec-far-scale-3 differs")
                .contains("2 times  UPSCALE 1 -> NONE")
                .contains("This claims no outcome.");
    }

    @Test
    void saysWhenNothingDiffers(PolicyEngine engine) throws IOException {
        DiffReport report = diff("{\"limit\":150}", engine);
        assertThat(report.differing()).isZero();
        assertThat(report.chains().getFirst().valid()).isEqualTo(6);
        assertThat(report.text()).contains("all of them valid: it never differs");
    }

    @Test
    void saysWhatItCanNotCompareWith(PolicyEngine engine) throws IOException {
        Candidate broken = candidate("class AIOSv1PolicyRule: pass\n", "{}");
        assertThat(Diff.run(source, Selection.ALL, Kind.SCALE, broken, engine).text())
                .contains("0 compared")
                .contains("the candidate can't be loaded: TypeError");
        assertThatThrownBy(() -> Diff.run(source, Selection.ALL, Kind.ROUTE, broken, engine))
                .hasMessageContaining("kind: ROUTE (expected: another;");
        assertThatThrownBy(() -> Diff.run(source, Selection.ALL, Kind.PLACE, broken, engine))
                .hasMessageContaining("has no decision of kind PLACE");
    }

    @Test
    void findsTheNearestNumbersThatWouldHaveFlippedADecision(PolicyEngine engine)
            throws IOException {
        Flip flip = Flips.of(source, decision(3), engine);
        assertThat(flip.decided()).isEqualTo("UPSCALE 1");
        assertThat(flip.changes())
                .extracting(Flip.Change::input)
                .containsExactly(
                        "metrics.block_metrics[in-1].llm_input_tokens_per_minute_rolling.current",
                        "parameters.limit");
        Flip.Change load = flip.changes().getFirst();
        assertThat(load.recorded()).isEqualTo(200.0);
        assertThat(load.flipped()).isBetween(149.9, 150.0);
        assertThat(load.decided()).isEqualTo("NONE");
        assertThat(flip.changes().get(1).flipped()).isBetween(200.0, 201.0);
        assertThat(flip.text())
                .contains("metrics.block_metrics[in-1].llm_input_tokens_per_minute_rolling.current")
                .contains("-> NONE")
                .contains("by steps and halving");
    }

    @Test
    void looksForTheFlipOnTheStateOfThatMoment(PolicyEngine engine) throws IOException {
        // Decision 4 rested: no load would have made it act, its parameters would: then 3 rests.
        Flip flip = Flips.of(source, decision(4), engine);
        assertThat(flip.decided()).isEqualTo("NONE");
        assertThat(flip.changes())
                .extracting(Flip.Change::input)
                .containsExactly("parameters.limit");
    }

    private io.blockplane.events.PolicyDecided decision(int number) {
        return log.decisions().get(number);
    }

    private DiffReport diff(String parameters, PolicyEngine engine) throws IOException {
        return Diff.run(
                source, Selection.ALL, Kind.SCALE, candidate(THRESHOLD, parameters), engine);
    }

    private static Candidate candidate(String source, String parameters) {
        return new Candidate(
                "candidate",
                PolicyArchive.ofFunction(source),
                Json.parse(parameters),
                Json.EMPTY_OBJECT,
                PolicyAssignment.Schemas.NONE);
    }
}

package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.Topic;
import io.blockplane.log.RecordCodec;
import io.blockplane.policy.Metrics;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.PolicyLine;
import io.blockplane.replay.Finding.Diverged;
import io.blockplane.replay.Finding.Missing;
import io.blockplane.replay.Finding.NotExecutable;
import io.blockplane.replay.Finding.Unreadable;
import io.blockplane.windows.MetricsDocument;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SharedEngine.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerifyTest {

    private static final Verify.Progress SILENT = (_, _) -> {};

    @TempDir Path folder;

    private RecordedLog life = new RecordedLog();
    private RecordedLog brief = new RecordedLog();
    private final List<Integer> decisions = new ArrayList<>();

    @BeforeAll
    void live(PolicyEngine engine) {
        life = Lives.longLife(engine);
        brief = Lives.shortLife(engine);
        decisions.addAll(brief.decisionIndexes());
        assertThat(brief.decisions())
                .extracting(PolicyDecided::outcome)
                .containsOnly(Outcome.RETURNED);
    }

    @Test
    void executesAWholeLogAgainToTheSameBytes() throws IOException {
        assertThat(life.decisions()).extracting(PolicyDecided::call).contains(Call.MANAGE);
        assertThat(life.decisions()).extracting(PolicyDecided::incarnation).contains(1, 2, 3, 4);
        assertThat(life.decisions())
                .extracting(PolicyDecided::outcome)
                .contains(Outcome.RETURNED, Outcome.RAISED, Outcome.TIMED_OUT);
        List<String> progress = new ArrayList<>();

        // A fresh engine, as users have it.
        VerifyReport report =
                Verify.run(life.write(folder), (done, total) -> progress.add(done + "/" + total));

        assertThat(report.findings()).extracting(Finding::text).isEmpty();
        assertThat(report.holds()).isTrue();
        assertThat(report.summary())
                .isEqualTo("18 decisions, 17 identical, 1 cut short, chain intact");
        assertThat(report.chains()).isEqualTo(2);
        assertThat(progress).hasSize(18).startsWith("1/18").endsWith("18/18");
    }

    @Test
    void agreesWithWindowsOnWhatNoWindowIs() {
        assertThat(Metrics.NONE.document().json()).isEqualTo(MetricsDocument.NO_WINDOW.json());
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2})
    void namesTheRecordOfEveryFlippedBit(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 150; i++) {
            int index = decisions.get(random.nextInt(decisions.size()));
            byte[] value = brief.value(index);
            int bit = random.nextInt(value.length * 8);
            value[bit / 8] ^= (byte) (1 << (bit % 8));
            List<Finding> findings = check(brief.withValue(index, value));
            assertThat(findings)
                    .as("bit %d of record %d", bit, index)
                    .extracting(Finding::where)
                    .contains(brief.where(index));
        }
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {11, 12})
    void goesOnToTheEndAfterAFlippedBit(long seed, PolicyEngine engine) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        int index = decisions.get(random.nextInt(decisions.size()));
        byte[] value = brief.value(index);
        int bit = random.nextInt(value.length * 8);
        value[bit / 8] ^= (byte) (1 << (bit % 8));
        VerifyReport report = verify(brief.withValue(index, value), engine);
        assertThat(report.holds()).as("bit %d of record %d", bit, index).isFalse();
        assertThat(report.findings()).allSatisfy(f -> assertThat(f.text()).isNotBlank());
    }

    /** Of decision, change, field, what is recorded and what comes out. */
    private record Lie(
            int decision, String from, String to, String field, String recorded, String executed) {}

    private static final List<List<Lie>> LIES =
            List.of(
                    List.of(
                            new Lie(
                                    0,
                                    "\"fallbacks\":[]",
                                    "\"fallbacks\":[\"none\"]",
                                    "fallbacks[0]",
                                    "\"none\"",
                                    "(nothing)"),
                            new Lie(
                                    1,
                                    "\"instances_count\":1,",
                                    "\"instances_count\":9,",
                                    "output.instances_count",
                                    "9",
                                    "1"),
                            new Lie(
                                    2,
                                    "\"operation\":\"UPSCALE\",\"count\":2",
                                    "\"operation\":\"UPSCALE\",\"count\":3",
                                    "action.count",
                                    "3",
                                    "2"),
                            new Lie(
                                    3,
                                    "tokens a minute",
                                    "tokens an hour",
                                    "effects[1].line",
                                    "tokens an hour",
                                    "tokens a minute")),
                    List.of(
                            new Lie(
                                    1,
                                    "\"outcome\":\"RETURNED\"",
                                    "\"outcome\":\"UNUSABLE\",\"error\":\"x\"",
                                    "outcome",
                                    "\"UNUSABLE\"",
                                    "\"RETURNED\""),
                            new Lie(2, "\"p\":1", "\"p\":2", "parameters.p", "2", "1"),
                            new Lie(
                                    3,
                                    "\"operation\":\"UPSCALE\"",
                                    "\"operation\":\"NONE\"",
                                    "action.operation",
                                    "\"NONE\"",
                                    "\"UPSCALE\"")),
                    List.of(
                            new Lie(
                                    1,
                                    "\"logicalTimeMs\":1700000000",
                                    "\"logicalTimeMs\":1700000001",
                                    "effects[1].line",
                                    "13:20",
                                    "13:21")));

    @Test
    void findsEveryLieEvenWhenAllHashesAreMadeAnew(PolicyEngine engine) throws IOException {
        for (List<Lie> lies : LIES) {
            RecordedLog forged = brief;
            for (Lie lie : lies) {
                forged =
                        forged.forged(
                                decisions.get(lie.decision),
                                text -> {
                                    assertThat(text).contains(lie.from);
                                    return text.replace(lie.from, lie.to);
                                });
            }
            VerifyReport report = verify(forged, engine);
            assertThat(report.chainIntact()).as(report.findings().toString()).isTrue();
            assertThat(report.holds()).isFalse();
            for (Lie lie : lies) {
                assertThat(report.findings())
                        .filteredOn(f -> f.where().equals(brief.where(decisions.get(lie.decision))))
                        .singleElement()
                        .isInstanceOfSatisfying(
                                Diverged.class,
                                found -> {
                                    assertThat(found.field()).isEqualTo(lie.field);
                                    assertThat(found.recorded()).contains(lie.recorded);
                                    assertThat(found.executed()).contains(lie.executed);
                                });
            }
        }
    }

    @Test
    void namesAGapAndExecutesNothingOnAStateThatIsUnknown(PolicyEngine engine) throws IOException {
        VerifyReport report = verify(brief.without(decisions.get(2)), engine);
        assertThat(report.findings())
                .containsExactly(
                        new Missing(brief.where(decisions.get(3)), "dec-short-scale-3", 2, 2),
                        new NotExecutable(
                                brief.where(decisions.get(3)),
                                "dec-short-scale-3",
                                "the state before it is unknown: decision 2 should come here"));
        assertThat(report.identical()).isEqualTo(2);
        assertThat(report.summary()).isEqualTo("3 decisions, 2 identical, chain BROKEN");
    }

    @Test
    void namesRecordsThatAreOutOfPlace() throws IOException {
        RecordedLog swapped = brief.swapped(decisions.get(2), decisions.get(3));
        assertThat(texts(check(swapped)))
                .anyMatch(text -> text.contains("decision 2 before it is not in the log"))
                .anyMatch(text -> text.contains("sequence 2 (expected: 4)"));
        assertThat(texts(check(brief.twice(decisions.get(1)))))
                .anyMatch(text -> text.contains("sequence 1 (expected: 2)"));
        assertThat(texts(check(brief.without(decisions.getFirst()))))
                .anyMatch(text -> text.contains("decision 0 before it is not in the log"));
    }

    @Test
    void checksTheHeadersThatHoldTheLastRecord() throws IOException {
        int last = decisions.getLast();
        assertThat(texts(check(brief.withoutHeader(last, RecordCodec.HASH_HEADER))))
                .singleElement()
                .asString()
                .contains("bp_hash missing");
        assertThat(texts(check(brief.withHeader(last, "ce_id", "dec-short-scale-7"))))
                .singleElement()
                .asString()
                .contains("ce_id is not dec-short-scale-3");
        String other =
                new String(brief.value(last), StandardCharsets.UTF_8)
                        .replaceFirst("\"durationUs\":\\d+", "\"durationUs\":1");
        assertThat(texts(check(brief.withValue(last, other.getBytes(StandardCharsets.UTF_8)))))
                .singleElement()
                .asString()
                .contains("chain broken: bp_hash");
    }

    @Test
    void namesWhatTheLogLacks(PolicyEngine engine) throws IOException {
        VerifyReport withoutWindows = verify(brief.without(Topic.WINDOWS), engine);
        assertThat(withoutWindows.chainIntact()).isTrue();
        assertThat(withoutWindows.identical()).as("the INIT").isEqualTo(1);
        assertThat(texts(withoutWindows.findings()))
                .containsExactly(
                        "dec-short-scale-1 at "
                                + brief.where(decisions.get(1))
                                + " can't be executed: window win-short-1700000000000 is not in"
                                + " the log; nor can the 2 after it");
        VerifyReport withoutArchive = verify(brief.without(Topic.POLICIES), engine);
        assertThat(withoutArchive.holds()).isFalse();
        assertThat(texts(withoutArchive.findings()))
                .singleElement()
                .asString()
                .matches("(?s).*archive [0-9a-f]{64} is not in the log; nor can the 3 after it");
    }

    @Test
    void findsAChangedWindowByTheHashOfItsDocument(PolicyEngine engine) throws IOException {
        int window = decisions.get(1) - 2;
        String changed =
                new String(brief.value(window), StandardCharsets.UTF_8)
                        .replaceFirst("\"current\":[0-9.E]+", "\"current\":77.0");
        VerifyReport report =
                verify(brief.withValue(window, changed.getBytes(StandardCharsets.UTF_8)), engine);
        assertThat(report.firstDivergence())
                .hasValueSatisfying(
                        first -> assertThat(first.field()).isEqualTo("effects[0].sha256"));
    }

    @Test
    void namesWhatIsNoDecisionAndWhatNoPolicyCanHaveMade(PolicyEngine engine) throws IOException {
        int index = decisions.get(2);
        assertThat(check(brief.withValue(index, new byte[] {'x'})))
                .first()
                .isInstanceOf(Unreadable.class)
                .extracting(Finding::where)
                .isEqualTo(brief.where(index));
        String text = new String(brief.value(index), StandardCharsets.UTF_8);
        for (String[] change :
                List.of(
                        new String[] {"\"kind\":", "\"kinc\":", "kind: missing"},
                        new String[] {"\"previousHash\":", "\"p\":", "previousHash: missing"},
                        new String[] {"\"incarnation\":1", "\"incarnation\":0", "incarnation: 0"},
                        new String[] {"\"sequence\":2", "\"sequence\":-2", "sequence: -2"})) {
            byte[] value = text.replace(change[0], change[1]).getBytes(StandardCharsets.UTF_8);
            assertThat(texts(check(brief.withValue(index, value))))
                    .first()
                    .asString()
                    .contains(change[2]);
        }
        RecordedLog impossible =
                brief.forged(
                        decisions.getFirst(),
                        init -> init.replace("\"settings\":{}", "\"settings\":[]"));
        assertThat(texts(verify(impossible, engine).findings()))
                .first()
                .asString()
                .contains("it can't have been made like this: settings: []");
    }

    @Test
    void reportsAPolicyThatIsNotDeterministic(PolicyEngine engine) throws IOException {
        String source =
                """
                class AIOSv1PolicyRule:
                    def __init__(self, *args): pass
                    def eval(self, parameters, input_data, context):
                        return {"skip": True, "reason": f"place {hash(object())} of memory"}
                """;
        RecordedLog log = new RecordedLog();
        PolicyAssignment assignment = Lives.assignment(engine, "odd", source);
        log.archive(assignment.archive());
        try (PolicyLine line = PolicyLine.start(engine, assignment, PolicyLimits.PATIENT)) {
            Lives.eval(log, line, "odd", 0);
        }
        VerifyReport report = verify(log, engine);
        assertThat(report.chainIntact()).isTrue();
        assertThat(report.findings())
                .singleElement()
                .isInstanceOfSatisfying(
                        Diverged.class,
                        diverged -> {
                            assertThat(diverged.field()).isEqualTo("output.reason");
                            assertThat(diverged.text())
                                    .contains("recorded: \"place ")
                                    .contains("executed: \"place ");
                        });
    }

    private VerifyReport verify(RecordedLog log, PolicyEngine engine) throws IOException {
        return Verify.run(log.write(folder), Selection.ALL, engine, SILENT);
    }

    /** All but the execution. */
    private List<Finding> check(RecordedLog changed) throws IOException {
        try (DecisionLog log = DecisionLog.read(changed.write(folder), Selection.ALL)) {
            List<Finding> findings = new ArrayList<>(log.unreadable());
            for (Chain chain : log.chains().values()) {
                ChainCheck check = new ChainCheck(false, false);
                chain.records().forEach(check::next);
                findings.addAll(check.findings());
            }
            return findings;
        }
    }

    private static List<String> texts(List<Finding> findings) {
        return findings.stream().map(Finding::text).toList();
    }
}

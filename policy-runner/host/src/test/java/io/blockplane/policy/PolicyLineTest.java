package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.document.Document;
import io.blockplane.policy.format.PolicyArchive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SharedEngine.class)
class PolicyLineTest {

    /** State of every sort: counters, generators, sets, a cooldown, the module's own. */
    private static final String MOODY =
            """
            import random, time, uuid
            calls = 0
            seen = set()

            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.get_metrics = settings["get_metrics"]
                    self.generator = random.Random()
                    self.history = [uuid.uuid4().hex]
                    self.last = None

                def eval(self, parameters, input_data, context):
                    global calls
                    calls += 1
                    seen.add(f"{len(seen)}-{random.random()}")
                    x = input_data["x"]
                    if x % 7 == 3:
                        self.history.append("raised")
                        raise ValueError(x)
                    if x % 7 == 4:
                        self.history.append("rubbish")
                        return {"rubbish": self.generator.random()}
                    if x % 3 == 0:
                        self.history.append(self.get_metrics()["n"])
                    if x % 5 == 0:
                        print(self.history[-1], list(seen)[-1])
                    if self.last is not None and time.time() - self.last < 5:
                        return {"skip": True, "reason": f"cooling {calls}"}
                    self.last = time.time()
                    return {"skip": False, "operation": "upscale",
                            "instances_count": 1 + int(self.generator.random() * 9),
                            "reason": f"{calls} {self.history} {random.random()} {uuid.uuid1()}"}

                def management(self, action, data):
                    self.last = None
                    self.history.append(action)
                    return {"calls": calls}
            """;

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2})
    void goesOnTheSameAfterARestartAtEveryPlace(long seed, PolicyEngine engine) {
        int length = 12;
        SplittableRandom random = new SplittableRandom(seed);
        long[] inputs = random.longs(length, 0, 1_000).toArray();
        PolicyAssignment assignment = Policies.assignment(engine, MOODY);
        List<PolicyDecided> whole = new ArrayList<>();
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS)) {
            for (int i = 0; i < length; i++) {
                whole.addAll(step(line, i, inputs[i]));
            }
        }
        assertThat(whole).hasSize(length + 1);
        // A new interpreter for each place is dear: every place in turn over the seeds.
        for (int cut = 1 + (int) (seed % 2); cut <= length; cut += 2) {
            List<PolicyDecided> before = whole.subList(0, cut + 1);
            PolicyLine.Resumed resumed =
                    PolicyLine.resume(
                            engine,
                            assignment,
                            Policies.LIMITS,
                            before,
                            hash(before.getLast()),
                            PolicyLineTest::document);
            try (PolicyLine line = resumed.line()) {
                assertThat(resumed.rebuilt()).isEqualTo(new Rebuilt.Same(cut + 1));
                assertThat(line.position().incarnation()).isEqualTo(2);
                if (cut < length) {
                    PolicyDecided next = step(line, cut, inputs[cut]).getLast();
                    PolicyDecided there = whole.get(cut + 1);
                    assertThat(next.incarnation()).isEqualTo(2);
                    assertThat(next.previousHash()).isEqualTo(there.previousHash());
                    assertThat(Policies.stable(next))
                            .isEqualTo(
                                    Policies.stable(there)
                                            .replace("\"incarnation\":1", "\"incarnation\":2"));
                }
            }
        }
    }

    @Test
    void beginsANewObjectWhenTheAssignmentChanges(PolicyEngine engine) {
        PolicyAssignment first = Policies.assignment(engine, Policies.OBEDIENT);
        PolicyAssignment second = Policies.assignment(engine, Policies.OBEDIENT + "\n# new\n");
        try (PolicyLine line = PolicyLine.start(engine, first, Policies.LIMITS)) {
            PolicyDecided before = Policies.run(line, "tell(1)");
            line.assign(Policies.assignment(engine, Policies.OBEDIENT));
            PolicyDecided same = Policies.run(line, "tell(2)");
            assertThat(same.incarnation()).as("the same again").isEqualTo(before.incarnation());

            line.assign(second);
            List<PolicyDecided> after =
                    line.eval(Policies.NOON, Policies.code("tell(3)"), MetricsSource.NONE);
            assertThat(after).extracting(PolicyDecided::call).containsExactly(Call.INIT, Call.EVAL);
            assertThat(after.getFirst().incarnation()).isEqualTo(2);
            assertThat(after.getFirst().policy().sha256()).isEqualTo(second.archive().sha256());
            assertThat(after.getFirst().previousHash()).isEqualTo(hash(same));
            assertThat(after.getFirst().sequence()).isEqualTo(same.sequence() + 1);

            PolicyAssignment elsewhere =
                    new PolicyAssignment(
                            "block-b",
                            Kind.SCALE,
                            null,
                            first.version(),
                            first.archive(),
                            first.parameters(),
                            first.settings(),
                            Json.EMPTY_OBJECT,
                            PolicyAssignment.Schemas.NONE);
            assertThatThrownBy(() -> line.assign(elsewhere))
                    .hasMessageContaining(
                            "SCALE of block block-b (expected: SCALE of block block-a)");
        }
    }

    @Test
    void startsAfreshAndSaysWhyWhenTheStateCanNotBeRebuilt(PolicyEngine engine) {
        PolicyAssignment assignment = Policies.assignment(engine, MOODY);
        List<PolicyDecided> records;
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS)) {
            records = step(line, 0, 6);
        }
        PolicyDecided last = records.getLast();

        assertThat(resume(engine, assignment, records, _ -> null))
                .isEqualTo(
                        new Rebuilt.Impossible("decision 1 read window win-0, which is not there"));
        assertThat(
                        resume(
                                engine,
                                assignment,
                                records,
                                _ -> Document.of(Json.parse("{\"n\":\"other\"}"))))
                .isInstanceOf(Rebuilt.Different.class);
        assertThat(
                        resume(
                                engine,
                                assignment,
                                List.of(records.getFirst(), ended(last, Outcome.TIMED_OUT)),
                                PolicyLineTest::document))
                .isEqualTo(
                        new Rebuilt.Impossible(
                                "decision 1 ended as TIMED_OUT, which ends a policy object"));
        assertThat(resume(engine, assignment, List.of(last), PolicyLineTest::document))
                .as("no INIT is known")
                .isNull();
        assertThat(
                        resume(
                                engine,
                                Policies.assignment(engine, MOODY + "# newer\n"),
                                records,
                                PolicyLineTest::document))
                .as("another version has no state to take over")
                .isNull();
        assertThat(resume(engine, assignment, List.of(), PolicyLineTest::document)).isNull();
    }

    @Test
    void refusesAnAssignmentThatCanNotBeRun(PolicyEngine engine) {
        PolicyAssignment good = Policies.assignment(engine, MOODY);
        assertThatThrownBy(() ->
                        new PolicyAssignment(
                                "b",
                                Kind.ROUTE,
                                " ",
                                good.version(),
                                good.archive(),
                                Json.EMPTY_OBJECT,
                                Json.EMPTY_OBJECT,
                                Json.EMPTY_OBJECT,
                                PolicyAssignment.Schemas.NONE))
                .hasMessageStartingWith("lane: blank");
        assertThatThrownBy(() ->
                        new PolicyAssignment(
                                "b",
                                Kind.SCALE,
                                null,
                                good.version(),
                                PolicyArchive.ofFunction("x = 1"),
                                Json.EMPTY_OBJECT,
                                Json.EMPTY_OBJECT,
                                Json.EMPTY_OBJECT,
                                PolicyAssignment.Schemas.NONE))
                .hasMessageStartingWith("version.sha256: ");
        assertThatThrownBy(() ->
                        new PolicyAssignment(
                                "b",
                                Kind.SCALE,
                                null,
                                good.version(),
                                good.archive(),
                                Json.parse("[]"),
                                Json.EMPTY_OBJECT,
                                Json.EMPTY_OBJECT,
                                PolicyAssignment.Schemas.NONE))
                .hasMessage("parameters: [] (expected: a JSON object)");
        assertThat(
                        PolicyAssignment.merge(
                                Json.parse("{\"a\":{\"x\":1},\"b\":2}"),
                                Json.parse("{\"a\":{\"y\":1},\"c\":3}")))
                .isEqualTo(Json.parse("{\"a\":{\"y\":1},\"b\":2,\"c\":3}"));
    }

    private static @Nullable Rebuilt resume(
            PolicyEngine engine,
            PolicyAssignment assignment,
            List<PolicyDecided> records,
            WindowDocuments windows) {
        String hash = records.isEmpty() ? "" : hash(records.getLast());
        PolicyLine.Resumed resumed =
                PolicyLine.resume(engine, assignment, Policies.LIMITS, records, hash, windows);
        try (PolicyLine line = resumed.line()) {
            List<PolicyDecided> next = step(line, 9, 1);
            assertThat(next).extracting(PolicyDecided::call).containsExactly(Call.INIT, Call.EVAL);
            assertThat(next.getFirst().sequence())
                    .isEqualTo(records.isEmpty() ? 0 : records.getLast().sequence() + 1);
            assertThat(next.getFirst().incarnation()).isEqualTo(records.isEmpty() ? 1 : 2);
        }
        return resumed.rebuilt();
    }

    private static List<PolicyDecided> step(PolicyLine line, int i, long x) {
        long timeMs = Policies.NOON + 2_000L * i;
        if (x % 11 == 5) {
            return line.manage(timeMs, "calm", Json.EMPTY_OBJECT, MetricsSource.NONE);
        }
        String window = "win-" + i;
        return line.eval(
                timeMs,
                Json.parse("{\"x\":" + x + "}"),
                () -> new Metrics(window, document(window)));
    }

    private static Document document(String windowId) {
        return Document.of(Json.parse("{\"n\":\"" + windowId + "\"}"));
    }

    private static String hash(PolicyDecided decision) {
        return DecisionChain.sha256(EventJson.encode(decision));
    }

    private static PolicyDecided ended(PolicyDecided d, Outcome outcome) {
        return EventJson.decode(
                PolicyDecided.class,
                EventJson.text(d)
                        .replace("\"outcome\":\"RETURNED\"", "\"outcome\":\"" + outcome + "\"")
                        .getBytes(StandardCharsets.UTF_8));
    }
}

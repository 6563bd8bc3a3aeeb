package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Policies that mean harm or are broken: each ends as it should, is recorded, comes out the same
 * again, and meanwhile another policy decides as if nothing were. Archives that mean harm are in
 * {@code TarArchiveTest} and {@code PolicyArchiveTest}; what can't be stopped is in {@link
 * PolicyOutcomesTest}.
 */
@ExtendWith(SharedEngine.class)
class HostilePoliciesTest {

    private static final String BYSTANDER =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.calls = 0

                def eval(self, parameters, input_data, context):
                    self.calls += 1
                    return {"skip": True, "reason": f"call {self.calls}"}
            """;

    private static final PolicyLimits SHORT =
            new PolicyLimits(
                    Duration.ofMinutes(2), Duration.ofMillis(1_500), Duration.ofMillis(1_500));

    /** One line of the table. */
    private record Case(String name, String code, Outcome outcome, String says) {}

    @Test
    void eachEndsAsItShouldAndHarmsNobody(PolicyEngine engine) throws IOException {
        List<Case> cases = cases();
        assertThat(cases).hasSizeGreaterThan(40);
        PolicyAssignment assignment = Policies.assignment(engine, Policies.OBEDIENT);
        List<PolicyDecided> life = new ArrayList<>();
        int bystanders = 0;
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS);
                PolicyLine other = Policies.line(engine, BYSTANDER, Policies.LIMITS)) {
            for (Case hostile : cases) {
                List<PolicyDecided> records =
                        line.eval(Policies.NOON, Policies.code(hostile.code), MetricsSource.NONE);
                PolicyDecided decided = records.getLast();
                assertThat(decided.outcome())
                        .as("%s: %s", hostile.name, decided.error())
                        .isEqualTo(hostile.outcome);
                assertThat(
                                hostile.outcome == Outcome.RETURNED
                                        ? decided.action().reason()
                                        : decided.error())
                        .as(hostile.name)
                        .contains(hostile.says);
                assertThat(other.eval(Policies.NOON, Json.EMPTY_OBJECT, MetricsSource.NONE))
                        .last()
                        .extracting(bystander -> bystander.action().reason())
                        .isEqualTo("call " + ++bystanders);
                if (decided.incarnation() == 1 && decided.outcome().reproducible()) {
                    life.addAll(records);
                }
            }
        }
        try (RecordedPolicy again =
                new RecordedPolicy(engine, assignment, ChainPosition.START, Policies.LIMITS)) {
            assertThat(again.rebuild(life, _ -> null)).isEqualTo(new Rebuilt.Same(life.size()));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "class Policy: pass | UNUSABLE | no class AIOSv1PolicyRule",
                "def f(: pass | RAISED | SyntaxError",
                "AIOSv1PolicyRule = 3 | RAISED | TypeError",
                "import requests; requests.get('http://127.0.0.1/') | RAISED | ConnectionError",
                "while True: pass | TIMED_OUT | no result within 1500 ms"
            })
    void oneThatCanNotBeLoadedSaysWhy(
            String source, Outcome outcome, String says, PolicyEngine engine) {
        PolicyLimits limits = outcome == Outcome.TIMED_OUT ? SHORT : Policies.LIMITS;
        try (PolicyLine line = Policies.line(engine, source, limits)) {
            PolicyDecided init =
                    line.eval(Policies.NOON, Json.EMPTY_OBJECT, MetricsSource.NONE).getLast();
            assertThat(init.outcome()).as("%s", init.error()).isEqualTo(outcome);
            assertThat(init.error()).contains(says);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "while True: pass",
                "while True:\n  try:\n    while True: pass\n  except BaseException: pass"
            })
    void oneThatDoesNotEndHoldsNobodyUp(String code, PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.TIGHT);
                PolicyLine other = Policies.line(engine, BYSTANDER, Policies.LIMITS)) {
            Policies.run(line, "tell('ready')");
            CompletableFuture<PolicyDecided> hostile = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> hostile.complete(Policies.run(line, code)));
            int decided = 0;
            while (!hostile.isDone()) {
                PolicyDecided bystander =
                        other.eval(Policies.NOON, Json.EMPTY_OBJECT, MetricsSource.NONE).getLast();
                assertThat(bystander.action().reason()).isEqualTo("call " + ++decided);
                assertThat(bystander.incarnation()).isEqualTo(1);
            }
            assertThat(decided).isPositive();
            assertThat(hostile.join().outcome()).isIn(Outcome.TIMED_OUT, Outcome.BROKEN);
        }
    }

    private static List<Case> cases() throws IOException {
        try (InputStream table =
                Objects.requireNonNull(
                        HostilePoliciesTest.class.getResourceAsStream("/hostile-policies.jsonl"))) {
            List<Case> cases = new ArrayList<>();
            for (String line :
                    new String(table.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
                cases.add(EventJson.MAPPER.readValue(line, Case.class));
            }
            return cases;
        }
    }
}

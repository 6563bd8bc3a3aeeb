package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.policy.format.PolicyArchive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A policy that is killed anywhere goes on as if it had not been. */
@ExtendWith(SharedEngine.class)
class PolicyStateTest {

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2})
    void decidesAfterAKillAsIfThereHadBeenNone(long seed, PolicyEngine engine) {
        SplittableRandom random = new SplittableRandom(seed);
        String source = seed % 2 == 0 ? StatefulPolicies.COOLDOWN : StatefulPolicies.COUNTERS;
        PolicyAssignment assignment = Policies.assignment(engine, source);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            steps.add(Step.random(random, i));
        }
        List<PolicyDecided> unkilled = new ArrayList<>();
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS)) {
            steps.forEach(step -> unkilled.addAll(step.on(line)));
        }
        List<PolicyDecided> killed = new ArrayList<>();
        PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS);
        int restored = 0;
        for (Step step : steps) {
            if (!killed.isEmpty() && random.nextInt(10) == 0) {
                line.close();
                PolicyLine.Resumed resumed = resume(engine, assignment, forgotten(killed, random));
                assertThat(resumed.rebuilt()).isInstanceOf(Rebuilt.Same.class);
                line = resumed.line();
                restored++;
            }
            killed.addAll(step.on(line));
        }
        line.close();
        assertThat(restored).isPositive();
        assertThat(killed).hasSameSizeAs(unkilled);
        for (int i = 0; i < killed.size(); i++) {
            assertThat(said(killed.get(i))).as("decision %d", i).isEqualTo(said(unkilled.get(i)));
        }
        assertThat(unkilled)
                .filteredOn(decided -> decided.call() == Call.SNAPSHOT)
                .isNotEmpty()
                .allMatch(decided -> decided.outcome() == Outcome.RETURNED);
    }

    /** What the log may still have: the calls before a snapshot may be gone, the INIT not. */
    private static List<PolicyDecided> forgotten(
            List<PolicyDecided> records, SplittableRandom random) {
        int last = -1;
        for (int i = 0; i < records.size(); i++) {
            last = records.get(i).call() == Call.SNAPSHOT ? i : last;
        }
        if (last < 0 || random.nextBoolean()) {
            return records;
        }
        List<PolicyDecided> left = new ArrayList<>();
        left.add(records.getFirst());
        left.addAll(records.subList(last, records.size()));
        return left;
    }

    private static List<Object> said(PolicyDecided decided) {
        return List.of(
                decided.call(),
                decided.sequence(),
                decided.outcome(),
                String.valueOf(decided.output()),
                String.valueOf(decided.error()),
                decided.effects());
    }

    @Test
    void writesAStateThatPeopleCanRead(PolicyEngine engine) {
        PolicyAssignment assignment = Policies.assignment(engine, StatefulPolicies.COOLDOWN);
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS)) {
            assertThat(line.snapshot(Policies.NOON)).as("nothing is there yet").isEmpty();
            line.eval(Policies.NOON, Policies.instances(), MetricsSource.NONE);
            PolicyDecided written = line.snapshot(Policies.NOON + 5).getFirst();
            assertThat(written.output())
                    .as("%s", written)
                    .hasToString(
                            "{\"format\":1,\"clock\":1700000000005000000,\"logging\":{"
                                + "\"\":[30,false,true],\"cooldown\":[0,false,true]},"
                                + "\"parameters\":{\"p\":1},\"policy\":{\"$object\":"
                                + "\"function:AIOSv1PolicyRule\",\"state\":{\"settings\":{"
                                + "\"s\":[1],\"get_metrics\":{\"$host\":\"get_metrics\"}},"
                                + "\"cooldown\":300,\"last_scaled_at\":1.7E9,\"step\":2}},"
                                + "\"modules\":{\"function\":{\"log\":{\"$logger\":\"cooldown\"}}},"
                                + "\"classes\":{}}");
        }
    }

    @Test
    void saysWhatCanNotBeWrittenAndGoesOn(PolicyEngine engine) {
        Map<String, String> cases = new LinkedHashMap<>();
        cases.put("iter([1])", "state: self.x: a builtins.iterator, which can't be written");
        cases.put("[lambda: 1]", "state: self.x[0]: a function that has no name in a module");
        cases.put("(i for i in [1])", "state: self.x: a builtins.generator");
        cases.put("{'a': {'b': open('function.py')}}", "state: self.x.a.b: a _io.");
        cases.put("'y' * 1100000", "state: more than 1048576 characters of JSON");
        cases.put("repr(object())", "state: self.x: text with an address");
        cases.put("reduce(lambda a, _: [a], range(200), [])", "more than 100 containers");
        cases.put("held()", "state: self.x: a lock that is held");
        cases.put("counter()", "function counter.<locals>.count with a variable of its own");
        String source =
                """
                from functools import reduce
                import threading

                def held():
                    lock = threading.Lock()
                    lock.acquire()
                    return lock

                def counter():
                    n = 0
                    def count():
                        nonlocal n
                        n += 1
                    return count

                class AIOSv1PolicyRule:
                    def __init__(self, rule_id, settings, parameters):
                        self.calls = 0

                    def eval(self, parameters, input_data, context):
                        self.calls += 1
                        self.x = eval(input_data["code"])
                        return {"skip": True, "reason": str(self.calls)}
                """;
        PolicyAssignment assignment = Policies.assignment(engine, source);
        List<PolicyDecided> records = new ArrayList<>();
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS)) {
            cases.forEach((code, error) -> {
                Json input = Policies.code(code);
                records.addAll(line.eval(Policies.NOON, input, MetricsSource.NONE));
                assertThat(records.getLast().outcome()).isEqualTo(Outcome.RETURNED);
                records.addAll(line.snapshot(Policies.NOON));
                PolicyDecided written = records.getLast();
                assertThat(written.outcome()).as(code).isEqualTo(Outcome.UNUSABLE);
                assertThat(written.error()).contains(error);
            });
        }
        PolicyLine.Resumed resumed = resume(engine, assignment, records);
        try (PolicyLine line = resumed.line()) {
            assertThat(resumed.rebuilt())
                    .as("from the INIT")
                    .isEqualTo(new Rebuilt.Same(records.size()));
            PolicyDecided next = Policies.run(line, "None");
            assertThat(next.action().reason()).isEqualTo(Integer.toString(cases.size() + 1));
        }
    }

    @Test
    void writesAndReadsEveryKindOfThing(PolicyEngine engine) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        put(files, "code/function.py", StatefulPolicies.EVERYTHING);
        put(files, "code/shared.py", StatefulPolicies.SHARED);
        PolicyAssignment assignment =
                Policies.assignment(
                        engine,
                        Kind.FAILURE,
                        PolicyArchive.of(files).orElseThrow(),
                        Json.EMPTY_OBJECT);
        List<PolicyDecided> records = new ArrayList<>();
        String expected;
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS)) {
            records.addAll(line.eval(Policies.NOON, Json.EMPTY_OBJECT, MetricsSource.NONE));
            records.addAll(line.snapshot(Policies.NOON));
            assertThat(records.getLast().outcome())
                    .as("%s", records.getLast())
                    .isEqualTo(Outcome.RETURNED);
            PolicyDecided next = next(line);
            assertThat(next.outcome()).as("%s", next).isEqualTo(Outcome.RETURNED);
            expected = String.valueOf(next.output());
        }
        PolicyLine.Resumed resumed =
                resume(engine, assignment, List.of(records.getFirst(), records.getLast()));
        try (PolicyLine line = resumed.line()) {
            assertThat(resumed.rebuilt())
                    .as("%s", records.getLast())
                    .isEqualTo(new Rebuilt.Same(2));
            assertThat(next(line).output()).hasToString(expected);
        }
    }

    private static PolicyDecided next(PolicyLine line) {
        return line.eval(Policies.NOON + 60_000, Json.EMPTY_OBJECT, MetricsSource.NONE).getLast();
    }

    private static PolicyLine.Resumed resume(
            PolicyEngine engine, PolicyAssignment assignment, List<PolicyDecided> records) {
        return PolicyLine.resume(
                engine,
                assignment,
                Policies.LIMITS,
                records,
                ChainPosition.after(records.getLast()).previousHash(),
                _ -> null);
    }

    private static void put(SortedMap<String, byte[]> files, String path, String content) {
        files.put(path, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Something that is done to a line. */
    private record Step(int i, int what, List<String> instances) {

        static Step random(SplittableRandom random, int i) {
            List<String> instances = new ArrayList<>();
            for (int n = random.nextInt(3); n > 0; n--) {
                instances.add("in-" + random.nextInt(4));
            }
            return new Step(i, random.nextInt(10), instances);
        }

        List<PolicyDecided> on(PolicyLine line) {
            long time = Policies.NOON + 47_000L * i;
            return switch (what) {
                case 0, 1 -> line.snapshot(time);
                case 2 ->
                        line.manage(
                                time,
                                "set_cooldown",
                                Json.parse("{\"seconds\":" + (100 + i) + "}"),
                                MetricsSource.NONE);
                default ->
                        line.eval(
                                time,
                                Policies.instances(instances.toArray(String[]::new)),
                                MetricsSource.NONE);
            };
        }
    }
}

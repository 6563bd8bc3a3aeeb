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

    /** Scales at most every five minutes, and a little more each time. */
    private static final String COOLDOWN =
            """
            import logging
            import time

            log = logging.getLogger("cooldown")

            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.settings = settings
                    self.cooldown = parameters.get("cooldown_seconds", 300)
                    self.last_scaled_at = 0.0
                    self.step = 1

                def eval(self, parameters, input_data, context):
                    now = time.time()
                    if now - self.last_scaled_at < self.cooldown:
                        left = self.cooldown - (now - self.last_scaled_at)
                        return {"skip": True, "reason": f"cooldown, {left:.1f} s left"}
                    self.last_scaled_at = now
                    self.step += 1
                    log.warning("step %s", self.step)
                    return {"skip": False, "operation": "upscale", "instances_count": self.step}

                def management(self, action, data):
                    if action == "set_cooldown":
                        self.cooldown = data["seconds"]
                    return {"cooldown": self.cooldown}
            """;

    /** Counts what it saw in its object, its module and its class, and draws lots. */
    private static final String COUNTERS =
            """
            import collections, datetime, random, threading
            from dataclasses import dataclass, field
            from enum import Enum
            from typing import Any, Dict, List, Optional

            TOTAL = 0
            RECENT = collections.deque(maxlen=3)

            class Mood(Enum):
                CALM = "calm"
                BUSY = "busy"

            @dataclass
            class Seen:
                count: int = 0
                at: List[datetime.datetime] = field(default_factory=list)

            class AIOSv1PolicyRule:
                made = {}

                def __init__(self, rule_id, settings, parameters):
                    self.get_metrics = settings["get_metrics"]
                    self.parameters = parameters
                    self.counters: Dict[str, int] = {}
                    self.seen: Dict[str, Seen] = collections.defaultdict(Seen)
                    self.lots = random.Random(7)
                    self.moods = {Mood.CALM: 0, Mood.BUSY: 0}
                    self.lock = threading.Lock()
                    self.order = {("b", 2), ("a", 1), ("c", 3)}
                    self.last: Optional[Seen] = None

                def eval(self, parameters, input_data, context):
                    global TOTAL
                    TOTAL += 1
                    with self.lock:
                        for name in input_data["current_instances"]:
                            self.counters[name] = self.counters.get(name, 0) + 1
                            self.seen[name].count += 1
                            self.seen[name].at.append(datetime.datetime.now())
                            del self.seen[name].at[:-2]
                            self.last = self.seen[name]
                    RECENT.append(self.lots.randint(0, 99))
                    self.order.add((str(RECENT[-1]), TOTAL))
                    self.moods[Mood.BUSY if RECENT[-1] > 50 else Mood.CALM] += 1
                    AIOSv1PolicyRule.made[str(TOTAL % 3)] = self.last
                    parameters["calls"] = TOTAL
                    return {"skip": True, "reason": "%s %s %s %s %s %s %s %s" % (
                        self.counters, dict(self.seen), list(RECENT), self.moods,
                        self.last is self.made[str(TOTAL % 3)], sorted(self.made),
                        list(self.order), self.parameters)}

                def management(self, action, data):
                    self.counters.clear()
                    return {"total": TOTAL, "random": random.random()}
            """;

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2})
    void decidesAfterAKillAsIfThereHadBeenNone(long seed, PolicyEngine engine) {
        SplittableRandom random = new SplittableRandom(seed);
        String source = seed % 2 == 0 ? COOLDOWN : COUNTERS;
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
        PolicyAssignment assignment = Policies.assignment(engine, COOLDOWN);
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
        put(files, "code/function.py", EVERYTHING);
        put(files, "code/shared.py", SHARED);
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

    private static final String SHARED =
            """
            CACHE = {}

            class Node:
                __slots__ = ("left", "value")
            """;

    private static final String EVERYTHING =
            """
            import base64, collections, datetime, decimal, fractions, functools, logging, random
            import re, types, uuid, time
            from random import choice
            from time import time as now
            import shared

            Point = collections.namedtuple("Point", "x y")

            def double(x):
                return 2 * x

            class Base:
                limit = [1, 2]

                def __init__(self):
                    self.__hidden = {"k": 1}

                def hidden(self):
                    self.__hidden["k"] += 1
                    return self.__hidden

            class Table(dict):
                pass

            class AIOSv1PolicyRule(Base):
                def __init__(self, rule_id, settings, parameters):
                    super().__init__()
                    self.calls = 0

                def report(self):
                    return "reported"

                def eval(self, parameters, input_data, context):
                    self.calls += 1
                    if self.calls == 1:
                        self.first()
                    shared.CACHE["list"].append(self.calls)
                    self.table["t"] = self.calls
                    Base.limit.append(self.calls)
                    self.cycle[0][1].append(self.calls)
                    return [str(x) for x in (
                        self.calls, self.values, self.more, self.hidden(), Base.limit,
                        self.alias is shared.CACHE["list"], self.alias, self.table, self.table.note,
                        self.cycle is self.cycle[0][0], len(self.cycle), self.node.left.value,
                        self.call(21), self.bound(), self.how(1.5), choice([1, 2, 3]),
                        self.lots.random(), self.log.name, now() == self.clock(), self.point.x,
                        sorted(self.counter.items()), self.pattern.findall("a1b22"),
                        list(self.ordered), self.dd["new"], list(self.dd))]

                def first(self):
                    self.values = [None, True, 1, -2.5, 2**70, 2**2000, 1e300, -0.0, float("inf"),
                                   1 + 2j, "text \\u20ac", b"\\x00\\xff", bytearray(b"x"), (1, (2,)),
                                   {3, 1, 2}, frozenset([("x",)]), range(3), {1: "a", None: "b"},
                                   {"$ref": "not one"}, {"$id": 1}]
                    utc = datetime.timezone.utc
                    self.more = [datetime.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=utc),
                                 datetime.date(2024, 1, 2), datetime.timedelta(1, 2, 3),
                                 datetime.time(1, 2), decimal.Decimal("1.10"),
                                 fractions.Fraction(1, 3), uuid.UUID(int=5),
                                 types.SimpleNamespace(a=1)]
                    shared.CACHE["list"] = self.alias = [0]
                    self.table = Table(a=1)
                    self.table.note = "noted"
                    self.cycle = [[None, []]]
                    self.cycle[0][0] = self.cycle
                    self.node = shared.Node()
                    self.node.left = shared.Node()
                    self.node.left.value = 7
                    self.call, self.bound = double, self.report
                    self.how = functools.partial(round, ndigits=0)
                    self.lots = random.Random("seed")
                    self.lots.gauss(0, 1)
                    self.log = logging.getLogger("a.b")
                    self.clock = time.time
                    self.point = Point(1, [2])
                    self.counter = collections.Counter("hello")
                    self.pattern = re.compile("[0-9]+", re.I)
                    self.ordered = collections.OrderedDict([("b", 1), ("a", 2)])
                    self.dd = collections.defaultdict(list, {"old": [1]})
            """;

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

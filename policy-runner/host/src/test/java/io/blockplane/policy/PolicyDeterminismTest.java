package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Everything that could differ between two runs, in two engines that share nothing. */
class PolicyDeterminismTest {

    private static final Path GOLDEN =
            Path.of("src/test/resources/golden/decisions-graalpy-25.0.3.jsonl");

    private static final String CURIOUS =
            """
            import datetime, hashlib, json, logging, os, platform, random, secrets, sys, time
            import traceback, uuid
            from random import random as draw
            from time import time as now

            logging.basicConfig(level=logging.INFO, format="%(asctime)s.%(msecs)d %(message)s")

            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.get_metrics = settings["get_metrics"]
                    self.generator = random.Random()
                    self.born = now(), uuid.uuid4().hex
                    logging.info("born %s %s", self, settings)

                def eval(self, parameters, input_data, context):
                    started = time.monotonic()
                    time.sleep(1.25)
                    try:
                        json.loads("{")
                    except ValueError:
                        logging.exception("as expected")
                    seen = {
                        "time": [time.time(), now(), time.time_ns(), time.monotonic() - started,
                                 time.perf_counter(), time.process_time(), time.clock_gettime(0)],
                        "text": [time.ctime(), time.asctime(), time.strftime("%c %x %X %p %Z %z %%Z"),
                                 time.mktime(time.localtime()), time.timezone, time.daylight,
                                 list(time.localtime()), list(time.gmtime())],
                        "datetime": [str(datetime.datetime.now()), str(datetime.datetime.utcnow()),
                                     str(datetime.date.today()), str(datetime.datetime.today()),
                                     str(datetime.datetime.now(datetime.timezone.utc)),
                                     str(datetime.datetime.now().astimezone()),
                                     str(datetime.datetime.fromtimestamp(0)),
                                     datetime.datetime(2020, 1, 1).timestamp(),
                                     datetime.datetime.now().strftime("%A %a %B %b %p %Z|%z")],
                        "random": [random.random(), draw(), random.gauss(0, 1), random.randint(1, 9),
                                   random.sample(range(100), 5), self.generator.random(),
                                   random.Random().random(), random.SystemRandom().random(),
                                   random.Random(42).random(), random.getrandbits(70)],
                        "uuid": [str(uuid.uuid1()), str(uuid.uuid4()), uuid.getnode()],
                        "secrets": [secrets.token_hex(8), secrets.choice("abcdef"),
                                    secrets.randbelow(10**9), os.urandom(8).hex()],
                        "order": [list({str(i) * 3 for i in range(20)} | {"x", "y"}),
                                  hash("text"), hash((1, "a", 2.5)), hash(2.5), hash(True)],
                        "machine": [os.getpid(), os.cpu_count(), list(os.uname()), sys.version,
                                    sys.path, sys.executable, platform.platform(),
                                    sorted(os.environ), os.getcwd(), time.tzname],
                        "objects": [str(self), repr(len), repr(self.eval), id(self) == id(self)],
                        "born": self.born,
                    }
                    logging.info("log line at %s", now())
                    print(self.get_metrics())
                    return {"skip": True, "reason": "curious", "seen": seen}

                def management(self, action, data):
                    return {"drawn": random.random(), "born": self.born, "at": time.time()}
            """;

    @Test
    void twoFreshEnginesGiveEqualRecords() throws IOException {
        List<PolicyDecided> first = life();
        List<PolicyDecided> second = life();

        assertThat(first)
                .extracting(decision -> decision.outcome() + " " + decision.error())
                .containsOnly(Outcome.RETURNED + " null");
        assertThat(second.stream().map(PolicyDeterminismTest::comparable))
                .containsExactlyElementsOf(
                        first.stream().map(PolicyDeterminismTest::comparable).toList());
        List<String> lines = first.stream().map(PolicyDeterminismTest::comparable).toList();
        // To be looked at, and copied there when the change is meant.
        Files.write(Path.of("target", GOLDEN.getFileName().toString()), lines);
        assertThat(lines)
                .as("another process on another machine, some time ago")
                .containsExactlyElementsOf(Files.readAllLines(GOLDEN));
        var one = Objects.requireNonNull(first.get(1).output()).node().path("seen");
        var two = Objects.requireNonNull(first.get(2).output()).node().path("seen");
        assertThat(one.path("time").path(0).doubleValue()).isEqualTo(1_700_000_001.25);
        assertThat(one.path("time").path(3).doubleValue()).isEqualTo(1.25);
        assertThat(one.path("datetime").path(0).textValue())
                .isEqualTo("2023-11-14 22:13:21.250000");
        assertThat(one.path("random").path(8).doubleValue())
                .as("as CPython")
                .isEqualTo(0.6394267984578837);
        for (String drawn : List.of("random", "uuid", "secrets")) {
            assertThat(one.path(drawn).path(0))
                    .as("another call, other numbers: " + drawn)
                    .isNotEqualTo(two.path(drawn).path(0));
        }
        assertThat(one.path("born")).isEqualTo(two.path("born"));
        assertThat(Policies.printed(first.get(1)))
                .contains("stderr: 2023-11-14 22:13:21,250.250 log line at 1700000001.25")
                .anyMatch(line -> line.contains("File \"/python/lib/python/json/decoder.py\""))
                .noneMatch(line -> line.contains(System.getProperty("user.home") + "/"));
    }

    /** But for how long it took, and what follows from that. */
    private static String comparable(PolicyDecided decision) {
        return Policies.stable(decision).replaceAll(",\"previousHash.*", "}");
    }

    private static List<PolicyDecided> life() {
        List<PolicyDecided> records = new ArrayList<>();
        try (PolicyEngine engine = PolicyEngine.create();
                PolicyLine line = Policies.line(engine, CURIOUS, Policies.LIMITS)) {
            for (int i = 1; i <= 3; i++) {
                records.addAll(
                        line.eval(Policies.NOON + 1_000L * i - 1_000, input(i), () -> metrics()));
            }
            records.addAll(line.manage(Policies.NOON, "draw", Json.EMPTY_OBJECT, () -> metrics()));
            records.addAll(line.eval(Policies.NOON + 9_000, input(9), () -> metrics()));
        }
        return records;
    }

    private static Json input(int i) {
        return Policies.instances("in-" + i);
    }

    private static Metrics metrics() {
        return new Metrics("win-1", Json.parse("{\"block_metrics\":[]}"));
    }
}

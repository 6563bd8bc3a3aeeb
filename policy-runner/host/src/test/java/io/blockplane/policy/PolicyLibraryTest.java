package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.policy.format.Requirements;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a policy may import does its work, and does it the same again. */
@ExtendWith(SharedEngine.class)
class PolicyLibraryTest {

    private static final String EVERY_MODULE =
            """
            import abc, argparse, array, ast, base64, binascii, bisect, calendar, cmath, codecs
            import collections, colorsys, configparser, contextlib, contextvars, copy, csv
            import dataclasses, datetime, decimal, difflib, enum, errno, fnmatch, fractions
            import functools, graphlib, hashlib, heapq, hmac, html, importlib, inspect, io
            import ipaddress, itertools, json, keyword, locale, logging, math, numbers, operator
            import os, pathlib, pickle, pkgutil, pprint, queue, random, re, reprlib, secrets, shlex
            import statistics, string, struct, sys, textwrap, time, timeit, token
            import tokenize, tomllib, traceback, types, typing, unicodedata, unittest, uuid
            import warnings, weakref, zlib
            import requests
            import shipped_package
            from shipped_package.inner import doubled

            @dataclasses.dataclass(order=True)
            class Load:
                value: float
                name: str = "x"

            class Level(enum.IntEnum):
                LOW = 1
                HIGH = 2

            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.log = logging.getLogger("every")

                def eval(self, parameters, input_data, context):
                    heap = [5, 1, 4]
                    heapq.heapify(heap)
                    text = io.StringIO()
                    csv.writer(text).writerow([1, "a,b"])
                    try:
                        requests.get("http://example.com/", timeout=1)
                    except requests.exceptions.RequestException as error:
                        refused = type(error).__name__
                    self.log.warning("%s", datetime.datetime.now().isoformat())
                    return [str(x) for x in (
                        math.sqrt(2), cmath.sqrt(-1), statistics.median([3, 1, 2]), heap,
                        collections.Counter("aab").most_common(1), bisect.bisect([1, 3], 2),
                        list(itertools.accumulate([1, 2, 3])), functools.reduce(operator.add, [1, 2]),
                        json.dumps({"a": [1.5, None]}, sort_keys=True), re.sub("[0-9]+", "#", "a1b22"),
                        datetime.date(2024, 2, 29).isoformat(), random.random(), random.choice("abc"),
                        secrets.token_hex(4), uuid.uuid4(), hashlib.sha256(b"x").hexdigest()[:8],
                        hmac.new(b"k", b"m", "sha256").hexdigest()[:8], max(Load(1.0), Load(2.0)),
                        Level.HIGH, copy.deepcopy({"a": [1]}), string.Template("$x").substitute(x=1),
                        textwrap.shorten("a b c d", 5, placeholder=""), decimal.Decimal("0.1") * 3,
                        fractions.Fraction(1, 3), base64.b64encode(b"x"), zlib.crc32(b"x"),
                        struct.pack(">H", 258), ipaddress.ip_address("10.0.0.1").is_private,
                        text.getvalue(), textwrap.dedent("  x"), typing.get_type_hints(Load),
                        tomllib.loads("a = 1"), ast.literal_eval("[1]"), time.time(),
                        pickle.loads(pickle.dumps([1, {2}])), html.escape("<"), refused,
                        calendar.isleap(2024),
                        list(graphlib.TopologicalSorter({"b": {"a"}}).static_order()),
                        shipped_package.NAME, doubled(21), pathlib.PurePosixPath("a") / "b",
                        open(os.path.join(os.path.dirname(__file__), "data.txt")).read())]
            """;

    @Test
    void everyModuleWorksAndDoesTheSameAgain(PolicyEngine engine) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        put(files, "code/function.py", EVERY_MODULE);
        put(files, "code/requirements.txt", "requests>=2\nshipped-package==1.0\nstatistics\n");
        put(files, "code/shipped_package/__init__.py", "NAME = 'shipped'\n");
        put(files, "code/shipped_package/inner.py", "def doubled(x):\n    return 2 * x\n");
        put(files, "code/data.txt", "data");
        PolicyArchive archive = PolicyArchive.of(files).orElseThrow();
        assertThat(Requirements.refusal(archive)).isEmpty();
        PolicyAssignment assignment =
                Policies.assignment(engine, Kind.FAILURE, archive, Json.EMPTY_OBJECT);
        List<PolicyDecided> records = new ArrayList<>();
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS)) {
            records.addAll(line.eval(Policies.NOON, Json.EMPTY_OBJECT, MetricsSource.NONE));
        }
        PolicyDecided decided = records.getLast();
        assertThat(decided.outcome()).as("%s", decided.error()).isEqualTo(Outcome.RETURNED);
        assertThat(decided.output())
                .asString()
                .contains("\"shipped\",\"42\",\"a/b\",\"data\"]")
                .contains("ConnectionError");
        try (RecordedPolicy again =
                new RecordedPolicy(engine, assignment, ChainPosition.START, Policies.LIMITS)) {
            assertThat(again.rebuild(records, _ -> null)).isEqualTo(new Rebuilt.Same(2));
        }
    }

    private static void put(SortedMap<String, byte[]> files, String path, String content) {
        files.put(path, content.getBytes(StandardCharsets.UTF_8));
    }
}

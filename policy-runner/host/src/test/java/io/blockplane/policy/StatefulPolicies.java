package io.blockplane.policy;

/** Policies with state of every sort. */
final class StatefulPolicies {

    /** Scales at most every five minutes, and a little more each time. */
    static final String COOLDOWN =
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
    static final String COUNTERS =
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

    /** A module beside {@link #EVERYTHING}. */
    static final String SHARED =
            """
            CACHE = {}

            class Node:
                __slots__ = ("left", "value")
            """;

    /** Holds something of every kind that can be written down, and uses it all. */
    static final String EVERYTHING =
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

    private StatefulPolicies() {}
}

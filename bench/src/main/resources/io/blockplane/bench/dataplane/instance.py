"""The reference's instance: BRPOP, parse, the user's code in two steps, metrics, LPUSH OUTPUT after a
ping."""
import collections
import sys
import time

import redis
from prometheus_client import Counter, Gauge

from packet import AIOSPacket

redis_port, block = int(sys.argv[1]), sys.argv[2]
inputs = redis.Redis(port=redis_port)
outputs = redis.Redis(port=redis_port)


class PreProcessResult:
    def __init__(self, packet, extra_data, session_id):
        self.packet, self.extra_data, self.session_id = packet, extra_data, session_id


class OnDataResult:
    def __init__(self, output):
        self.output = output


class Echo:
    """The user's code."""

    def on_preprocess(self, packet):
        return True, [PreProcessResult(packet, {}, packet.session_id)]

    def on_data(self, entry, is_ws=False):
        return True, OnDataResult(entry.packet.data)


class Rolling:
    """What was observed in the last 15 minutes."""

    def __init__(self):
        self.seen = collections.deque()

    def observe(self, value):
        now = time.time()
        self.seen.append((now, value))
        while self.seen and self.seen[0][0] < now - 900:
            self.seen.popleft()


class Step:
    """Counter, latency and rate of one step."""

    def __init__(self, name):
        self.count = Counter(name + "_count", "Times")
        self.latency = Gauge(name + "_latency", "Seconds of the last one")
        self.fps = Gauge(name + "_fps", "A second, by the last one")

    def took(self, seconds):
        self.count.inc()
        self.latency.set(seconds)
        self.fps.set(1 / seconds if seconds > 0 else 0)


on_preprocess, on_data, end_to_end = Step("on_preprocess"), Step("on_data"), Step("end_to_end")
latency, fps, tasks_processed = Rolling(), Rolling(), Rolling()
user = Echo()


def timed(step, call, *args, **named):
    started = time.time()
    ok, result = call(*args, **named)
    step.took(time.time() - started)
    return result if ok else None


def process(packet):
    started = time.time()
    entries = timed(on_preprocess, user.on_preprocess, packet)
    for entry in entries or []:
        result = timed(on_data, user.on_data, entry, is_ws=False)
        if result is None:
            continue
        if entry.packet.session_id.startswith("vdag::") or entry.packet.output_ptr:
            raise RuntimeError("this benchmark sends neither")
        entry.packet.data = result.output
        outputs.ping()
        outputs.lpush("OUTPUT", entry.packet.SerializeToString())
    seconds = time.time() - started
    end_to_end.took(seconds)
    latency.observe(seconds)
    fps.observe(1 / seconds if seconds > 0 else 0)
    tasks_processed.observe(1)


while True:
    _, raw = inputs.brpop("%s_inputs" % block)
    try:
        process(AIOSPacket.FromString(raw))
    except Exception as error:
        print("Error when executing job: %s" % error, flush=True)

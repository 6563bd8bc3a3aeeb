"""The reference's executor: a thread takes, parses and counts, a queue between, a thread asks the
block's balancer and pushes to its choice."""
import queue
import sys
import threading
import time

import redis
from prometheus_client import Counter, Gauge

from packet import AIOSPacket

redis_port, block = int(sys.argv[1]), sys.argv[2]
inputs = redis.Redis(port=redis_port)
waiting = queue.Queue(1000)
current_instances = ["in-echo"]
tasks_processed = Counter("tasks_processed", "Tasks taken")
latency = Gauge("latency", "Seconds to parse and queue the last task")


class RoundRobin:
    """The balancer of a block: the least that one can be."""

    def __init__(self, rule_id, settings, parameters):
        self.turn = 0

    def eval(self, parameters, input_data, context):
        instances = input_data["instances"]
        self.turn += 1
        return {"instance_id": instances[self.turn % len(instances)]}


class Evaluator:
    def __init__(self, rule, parameters, settings):
        self.parameters = parameters
        self.policy = rule("", settings, parameters)

    def eval(self, input_data):
        try:
            return self.policy.eval(self.parameters, input_data, None)
        except Exception as error:
            raise RuntimeError(str(error)) from error


class Connections:
    """One to each instance."""

    def __init__(self):
        self.known = {}

    def get(self, instance_id):
        if instance_id not in self.known:
            self.known[instance_id] = redis.Redis(port=redis_port)
        return self.known[instance_id]


def listen():
    while True:
        _, raw = inputs.brpop("EXECUTOR_INPUTS")
        started = time.time()
        waiting.put({"packet": AIOSPacket.FromString(raw), "raw": raw})
        tasks_processed.inc()
        latency.set(time.time() - started)


threading.Thread(target=listen, daemon=True).start()
balancer = Evaluator(RoundRobin, {}, {})
connections = Connections()
while True:
    task = waiting.get()
    result = balancer.eval({"mode": "load_balance", "packet": task["packet"],
                            "instances": current_instances})
    connections.get(result["instance_id"]).lpush("%s_inputs" % block, task["raw"])

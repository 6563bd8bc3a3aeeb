"""The reference's executor: a thread takes and parses, a queue between, a thread routes."""
import queue
import sys
import threading

import redis

from packet import AIOSPacket

redis_port, block = int(sys.argv[1]), sys.argv[2]
inputs = redis.Redis(port=redis_port)
instance = redis.Redis(port=redis_port)
waiting = queue.Queue(1000)
instances = ["in-echo"]
turn = 0


def listen():
    while True:
        _, raw = inputs.brpop("EXECUTOR_INPUTS")
        waiting.put({"packet": AIOSPacket.FromString(raw), "raw": raw})


threading.Thread(target=listen, daemon=True).start()
while True:
    task = waiting.get()
    chosen = instances[turn % len(instances)]
    turn += 1
    instance.lpush("%s_inputs" % block, task["raw"])

"""The reference's instance: BRPOP, parse, the user's code, LPUSH OUTPUT after a ping."""
import sys

import redis

from packet import AIOSPacket

redis_port, block = int(sys.argv[1]), sys.argv[2]
inputs = redis.Redis(port=redis_port)
outputs = redis.Redis(port=redis_port)


def on_data(packet):
    return packet.data


while True:
    _, raw = inputs.brpop("%s_inputs" % block)
    packet = AIOSPacket.FromString(raw)
    packet.data = on_data(packet)
    outputs.ping()
    outputs.lpush("OUTPUT", packet.SerializeToString())

"""The reference's entry: gRPC in, LPUSH EXECUTOR_INPUTS out, a pool of ten threads."""
import sys
from concurrent import futures

import grpc
import redis

from packet import InferenceMessage, InferenceRespose

redis_port, port = int(sys.argv[1]), int(sys.argv[2])
queue = redis.Redis(port=redis_port)


def infer(request, _context):
    queue.lpush("EXECUTOR_INPUTS", request.rpc_data)
    return InferenceRespose(message=True)


handler = grpc.method_handlers_generic_handler("InferenceProxy", {
    "infer": grpc.unary_unary_rpc_method_handler(
        infer, InferenceMessage.FromString, InferenceRespose.SerializeToString)})
server = grpc.server(futures.ThreadPoolExecutor(max_workers=10))
server.add_generic_rpc_handlers((handler,))
server.add_insecure_port("127.0.0.1:%d" % port)
server.start()
server.wait_for_termination()

"""AIOSPacket as protobuf's own library reads and writes it."""
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FIELDS = [("session_id", 1, "STRING"), ("seq_no", 2, "UINT64"), ("data", 4, "STRING"),
           ("ts", 5, "DOUBLE"), ("output_ptr", 6, "STRING")]


def _classes():
    file = descriptor_pb2.FileDescriptorProto(
        name="bench_packet.proto", syntax="proto3", package="bench")
    packet = file.message_type.add(name="AIOSPacket")
    for name, number, kind in _FIELDS:
        packet.field.add(name=name, number=number, label=1,
                         type=getattr(descriptor_pb2.FieldDescriptorProto, "TYPE_" + kind))
    message = file.message_type.add(name="InferenceMessage")
    message.field.add(name="rpc_data", number=1, label=1,
                      type=descriptor_pb2.FieldDescriptorProto.TYPE_BYTES)
    answer = file.message_type.add(name="InferenceRespose")
    answer.field.add(name="message", number=1, label=1,
                     type=descriptor_pb2.FieldDescriptorProto.TYPE_BOOL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)

    def load(name):
        descriptor = pool.FindMessageTypeByName("bench." + name)
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(descriptor)
        return message_factory.MessageFactory(pool).GetPrototype(descriptor)

    return load("AIOSPacket"), load("InferenceMessage"), load("InferenceRespose")


AIOSPacket, InferenceMessage, InferenceRespose = _classes()

package io.blockplane.executor;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.blockplane.executor.packet.Packet;
import io.blockplane.executor.packet.PacketRecords;
import io.blockplane.executor.packet.Wire;
import io.blockplane.executor.packet.WireCheck;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.aios.InferenceMessage;
import io.blockplane.proto.dataplane.v1.PredictRequest;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Reads requests strictly: what can't be done right is refused before anything happens. */
final class RequestReader {

    /** The metadata key that names the block. */
    static final String SERVICE_NAME = "x-service-name";

    /** The largest packet that Predict takes; infer takes what the log takes. */
    static final int MAX_PACKET_BYTES = 64 * 1024 * 1024;

    /** UTF-16 units of a session id: it is a key, and part of every event of its tasks. */
    static final int MAX_SESSION_ID_CHARS = 1024;

    private static final int BLOCK_ID = Wire.delimited(PredictRequest.BLOCK_ID_FIELD_NUMBER);
    private static final int PACKET = Wire.delimited(PredictRequest.PACKET_FIELD_NUMBER);

    private final Blocks blocks;

    RequestReader(Blocks blocks) {
        this.blocks = blocks;
    }

    /** A request that can be worked on, or a refusal. */
    sealed interface Request {

        record Valid(Block block, Packet packet) implements Request {}

        record Refused(Status status) implements Request {}
    }

    /**
     * Reads a request to infer.
     *
     * @param serviceName what the metadata says; null when nothing
     */
    Request infer(byte[] message, @Nullable String serviceName) {
        ByteString rpcData;
        try {
            rpcData = InferenceMessage.parseFrom(message).getRpcData();
        } catch (InvalidProtocolBufferException e) {
            return invalid(
                    WireCheck.explain(
                            "request",
                            InferenceMessage.getDescriptor(),
                            ByteString.copyFrom(message),
                            e));
        }
        if (rpcData.size() > PacketRecords.MAX_BYTES) {
            return invalid(
                    "rpc_data: %d bytes (expected: at most %d, the largest record of the log)"
                            .formatted(rpcData.size(), PacketRecords.MAX_BYTES));
        }
        return packet("rpc_data", serviceName, rpcData);
    }

    /** Reads a request to predict. Its block_id and the metadata may not contradict each other. */
    Request predict(byte[] message, @Nullable String serviceName) {
        String blockId = "";
        ByteString packet = ByteString.EMPTY;
        try {
            CodedInputStream in = CodedInputStream.newInstance(message);
            // The packet's bytes stay where they are.
            in.enableAliasing(true);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == BLOCK_ID) {
                    blockId = in.readStringRequireUtf8();
                } else if (tag == PACKET) {
                    packet = in.readBytes();
                } else {
                    in.skipField(tag);
                }
            }
        } catch (InvalidProtocolBufferException e) {
            return invalid(
                    WireCheck.explain(
                            "request",
                            PredictRequest.getDescriptor(),
                            ByteString.copyFrom(message),
                            e));
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
        if (serviceName != null && !blockId.isEmpty() && !blockId.equals(serviceName)) {
            return invalid(
                    "block_id: %s (expected: %s, as metadata %s says, or nothing)"
                            .formatted(blockId, serviceName, SERVICE_NAME));
        }
        return packet("packet", blockId.isEmpty() ? serviceName : blockId, packet);
    }

    private Request packet(String path, @Nullable String blockId, ByteString bytes) {
        try {
            return check(path, blockId, Packet.read(bytes));
        } catch (InvalidProtocolBufferException e) {
            return invalid(WireCheck.explain(path, AIOSPacket.getDescriptor(), bytes, e));
        }
    }

    private Request check(String path, @Nullable String blockId, Packet packet) {
        String sessionId = packet.sessionId();
        if (sessionId.isEmpty()) {
            return invalid(path + ".session_id: empty (expected: the id of a session)");
        }
        if (sessionId.length() > MAX_SESSION_ID_CHARS) {
            return invalid(
                    "%s.session_id: %d characters (expected: at most %d)"
                            .formatted(path, sessionId.length(), MAX_SESSION_ID_CHARS));
        }
        if (!packet.parsed().getOutputPtr().isEmpty()) {
            return new Request.Refused(
                    Status.UNIMPLEMENTED.withDescription(
                            path
                                    + ".output_ptr: this version delivers to no other place than"
                                    + " the topic blockplane.outputs and the answer of Predict"
                                    + " (expected: empty)"));
        }
        return block(blockId, packet);
    }

    private Request block(@Nullable String blockId, Packet packet) {
        if (blockId == null || blockId.isEmpty()) {
            var all = blocks.all();
            return all.size() == 1
                    ? new Request.Valid(all.iterator().next(), packet)
                    : invalid(
                            "%s: absent (expected: the id of a block, because there are %d)"
                                    .formatted(SERVICE_NAME, all.size()));
        }
        Block block = blocks.find(blockId);
        return block == null
                ? new Request.Refused(
                        Status.NOT_FOUND.withDescription(
                                SERVICE_NAME
                                        + ": "
                                        + blockId
                                        + " (expected: the id of a block that exists)"))
                : new Request.Valid(block, packet);
    }

    private static Request invalid(String message) {
        return new Request.Refused(Status.INVALID_ARGUMENT.withDescription(message));
    }
}

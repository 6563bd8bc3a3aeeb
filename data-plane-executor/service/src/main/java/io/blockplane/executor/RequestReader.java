package io.blockplane.executor;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.blockplane.executor.delivery.OutputPtr;
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
        return accept(rpcData, serviceName);
    }

    /**
     * Reads a packet that is to be accepted.
     *
     * @param blockId null when nobody says it
     */
    Request accept(ByteString packet, @Nullable String blockId) {
        return packet.size() > PacketRecords.MAX_BYTES
                ? invalid(
                        "rpc_data: %d bytes (expected: at most %d, the largest record of the log)"
                                .formatted(packet.size(), PacketRecords.MAX_BYTES))
                : deliverable(packet("rpc_data", blockId, packet));
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
        return answerable(packet("packet", blockId.isEmpty() ? serviceName : blockId, packet));
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
        return block(blockId, packet);
    }

    /** Destinations must be readable before the packet is accepted. */
    private static Request deliverable(Request request) {
        return request instanceof Request.Valid(Block block, Packet packet)
                        && OutputPtr.read(
                                        packet.parsed().getOutputPtr(),
                                        "rpc_data.output_ptr",
                                        block.id())
                                instanceof OutputPtr.Reading.Invalid(String message)
                ? invalid(message)
                : request;
    }

    /** An answer has one place to go. */
    private static Request answerable(Request request) {
        return request instanceof Request.Valid(Block _, Packet packet)
                        && !packet.parsed().getOutputPtr().isEmpty()
                ? invalid(
                        "packet.output_ptr: not empty (expected: empty, because the answer goes to"
                                + " the caller; infer delivers to an output_ptr)")
                : request;
    }

    private Request block(@Nullable String blockId, Packet packet) {
        return switch (find(blockId)) {
            case Found.Known(Block block) -> new Request.Valid(block, packet);
            case Found.Refused(Status status) -> new Request.Refused(status);
        };
    }

    /** A block that a request names, or a refusal. */
    sealed interface Found {

        record Known(Block block) implements Found {}

        record Refused(Status status) implements Found {}
    }

    /**
     * The block that a request is about.
     *
     * @param blockId what the request says; empty when nothing
     * @param serviceName what the metadata says; null when nothing
     */
    Found block(String blockId, @Nullable String serviceName) {
        return find(blockId.isEmpty() ? serviceName : blockId);
    }

    private Found find(@Nullable String blockId) {
        if (blockId == null || blockId.isEmpty()) {
            var all = blocks.all();
            return all.size() == 1
                    ? new Found.Known(all.iterator().next())
                    : new Found.Refused(
                            Status.INVALID_ARGUMENT.withDescription(
                                    "%s: absent (expected: the id of a block, because there are %d)"
                                            .formatted(SERVICE_NAME, all.size())));
        }
        Block block = blocks.find(blockId);
        return block == null
                ? new Found.Refused(
                        Status.NOT_FOUND.withDescription(
                                SERVICE_NAME
                                        + ": "
                                        + blockId
                                        + " (expected: the id of a block that exists)"))
                : new Found.Known(block);
    }

    private static Request invalid(String message) {
        return new Request.Refused(Status.INVALID_ARGUMENT.withDescription(message));
    }
}

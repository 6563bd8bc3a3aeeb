package io.blockplane.executor.packet;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.blockplane.proto.aios.AIOSPacket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;

/**
 * A packet that was read and found good, with the bytes that it came as: these go on unchanged, so
 * that fields which nobody here knows travel through. Two are equal when their bytes are.
 */
public final class Packet {

    private final ByteString bytes;
    private final AIOSPacket parsed;

    private Packet(ByteString bytes, AIOSPacket parsed) {
        this.bytes = bytes;
        this.parsed = parsed;
    }

    /**
     * Reads a packet.
     *
     * @throws InvalidProtocolBufferException when it is none, or has text that is not UTF-8
     */
    public static Packet read(ByteString bytes) throws InvalidProtocolBufferException {
        return new Packet(bytes, AIOSPacket.parseFrom(bytes));
    }

    /** One that was made here. */
    public static Packet of(AIOSPacket packet) {
        return new Packet(packet.toByteString(), packet);
    }

    /** As it came. */
    public ByteString bytes() {
        return bytes;
    }

    /** Its fields. */
    public AIOSPacket parsed() {
        return parsed;
    }

    public String sessionId() {
        return parsed.getSessionId();
    }

    /** An unsigned 64-bit number. */
    public long seqNo() {
        return parsed.getSeqNo();
    }

    /** {@code <session_id>/<seq_no>}: what ties everything about a packet together. */
    public String correlation() {
        return sessionId() + "/" + Long.toUnsignedString(seqNo());
    }

    /**
     * The bytes of this packet with other {@code data}: all else as it came, known or not.
     *
     * @param data UTF-8
     */
    public ByteString withData(ByteString data) {
        ByteString.Output out = ByteString.newOutput(bytes.size() + data.size() + 16);
        try {
            CodedInputStream in = bytes.newCodedInput();
            int kept = 0;
            int at = 0;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                in.skipField(tag);
                int after = in.getTotalBytesRead();
                if (tag == Wire.delimited(AIOSPacket.DATA_FIELD_NUMBER)) {
                    bytes.substring(kept, at).writeTo(out);
                    kept = after;
                }
                at = after;
            }
            bytes.substring(kept, at).writeTo(out);
            CodedOutputStream coded = CodedOutputStream.newInstance(out);
            coded.writeBytes(AIOSPacket.DATA_FIELD_NUMBER, data);
            coded.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("a packet that was read before", e);
        }
        return out.toByteString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Packet packet && bytes.equals(packet.bytes);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "Packet[" + correlation() + ", " + bytes.size() + " bytes]";
    }
}

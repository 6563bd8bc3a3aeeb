package io.blockplane.executor.packet;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.blockplane.proto.aios.AIOSPacket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.OptionalLong;

/**
 * Packets for instances whose answers come by another way than the question went: with a number
 * that tells this attempt from all others, in a field that instances don't know and send back, as
 * protobuf has it; and without {@code output_ptr}, so that the answer comes back here, where it is
 * made durable and delivered.
 */
public final class Tagged {

    /** The number of the field; a fixed 64-bit number. */
    public static final int FIELD = 1000;

    private static final int TAG = FIELD << 3 | WireFormat.WIRETYPE_FIXED64;
    private static final int OUTPUT_PTR = Wire.delimited(AIOSPacket.OUTPUT_PTR_FIELD_NUMBER);

    private Tagged() {}

    /** The packet as such an instance gets it. */
    public static byte[] packet(Packet packet, long number) {
        ByteString bytes = packet.bytes();
        ByteString.Output out = ByteString.newOutput(bytes.size() + 16);
        try {
            CodedInputStream in = bytes.newCodedInput();
            int at = 0;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                in.skipField(tag);
                int after = in.getTotalBytesRead();
                if (tag != OUTPUT_PTR) {
                    bytes.substring(at, after).writeTo(out);
                }
                at = after;
            }
            CodedOutputStream coded = CodedOutputStream.newInstance(out);
            coded.writeFixed64(FIELD, number);
            coded.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("a packet that was read before", e);
        }
        return out.toByteString().toByteArray();
    }

    /** The number in a packet; empty when there is none, or these bytes are no packet. */
    public static OptionalLong number(byte[] packet) {
        OptionalLong number = OptionalLong.empty();
        try {
            CodedInputStream in = CodedInputStream.newInstance(packet);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == TAG) {
                    number = OptionalLong.of(in.readFixed64());
                } else {
                    in.skipField(tag);
                }
            }
        } catch (IOException e) {
            return OptionalLong.empty();
        }
        return number;
    }
}

package io.blockplane.executor.packet;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.Optional;

/**
 * Finds out what is wrong with bytes that the protobuf parser refused, since it doesn't say which
 * field it was.
 */
public final class WireCheck {

    private WireCheck() {}

    /**
     * Says what is wrong, naming the field as well as possible.
     *
     * @param path of the message within the request: {@code rpc_data}
     * @param refusal what the parser said
     */
    public static String explain(
            String path,
            Descriptor type,
            ByteString bytes,
            InvalidProtocolBufferException refusal) {
        try {
            return invalidText(path, type, bytes)
                    .map(field -> field + ": not UTF-8 (expected: text in UTF-8)")
                    .orElseGet(() -> broken(path, type, bytes.size(), refusal));
        } catch (IOException e) {
            return broken(path, type, bytes.size(), refusal);
        }
    }

    private static String broken(
            String path, Descriptor type, int size, InvalidProtocolBufferException refusal) {
        return "%s: %d bytes that are no %s: %s (expected: a serialized %s)"
                .formatted(path, size, type.getName(), refusal.getMessage(), type.getName());
    }

    /** The path of the first text field that is not UTF-8. */
    private static Optional<String> invalidText(String path, Descriptor type, ByteString bytes)
            throws IOException {
        CodedInputStream input = bytes.newCodedInput();
        for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
            FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            boolean delimited =
                    WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            if (field == null || !delimited) {
                input.skipField(tag);
                continue;
            }
            ByteString value = input.readBytes();
            String name = path + "." + field.getName();
            if (field.getType() == FieldDescriptor.Type.STRING && !value.isValidUtf8()) {
                return Optional.of(name);
            }
            if (field.getType() == FieldDescriptor.Type.MESSAGE) {
                Optional<String> inside = invalidText(name, field.getMessageType(), value);
                if (inside.isPresent()) {
                    return inside;
                }
            }
        }
        return Optional.empty();
    }
}

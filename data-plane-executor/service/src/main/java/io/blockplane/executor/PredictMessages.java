package io.blockplane.executor;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.blockplane.executor.transport.Attempt;
import io.blockplane.proto.dataplane.v1.PredictPiece;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import io.blockplane.proto.dataplane.v1.StreamEnd;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The answers of Predict and PredictStream, put together around bytes that are there already. */
final class PredictMessages {

    private PredictMessages() {}

    static byte[] delta(ByteString text) {
        return message(
                CodedOutputStream.computeBytesSize(PredictPiece.DELTA_FIELD_NUMBER, text),
                out -> out.writeBytes(PredictPiece.DELTA_FIELD_NUMBER, text));
    }

    static byte[] streamEnd(String instanceId, Attempt.Answered answered) {
        return PredictPiece.newBuilder()
                .setEnd(
                        StreamEnd.newBuilder()
                                .setInstanceId(instanceId)
                                .setInputTokens(answered.inputTokens())
                                .setOutputTokens(answered.outputTokens()))
                .build()
                .toByteArray();
    }

    static byte[] response(String instanceId, ByteString output, Attempt.Answered answered) {
        PredictResponse rest =
                PredictResponse.newBuilder()
                        .setInstanceId(instanceId)
                        .setInputTokens(answered.inputTokens())
                        .setOutputTokens(answered.outputTokens())
                        .build();
        return message(
                CodedOutputStream.computeBytesSize(PredictResponse.PACKET_FIELD_NUMBER, output)
                        + rest.getSerializedSize(),
                out -> {
                    out.writeBytes(PredictResponse.PACKET_FIELD_NUMBER, output);
                    rest.writeTo(out);
                });
    }

    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(int size, Fields fields) {
        byte[] bytes = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            fields.write(out);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return bytes;
    }
}

package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;
import static io.blockplane.executor.Client.statusOf;
import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.blockplane.events.Topic;
import io.blockplane.executor.packet.PacketRecords;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.aios.InferenceProxyGrpc;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused, with which status and which words; nothing of it gets into the log. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusalTest {

    private final LogUnderTest log;
    private final ExecutorRole executor;
    private final Client client;

    RefusalTest(@TempDir Path dataDir) throws Exception {
        log = LogUnderTest.start(dataDir);
        executor = new ExecutorRole(ExecutorConfig.defaults(log.kafka, "exec-1").withPorts(0, 0));
        executor.start();
        client = new Client(executor.grpcPort());
        for (String id : new String[] {"blk-a", "blk-b"}) {
            new BlockUnderTest(id, log.writer).close();
            eventually().untilAsserted(() -> assertThat(log.ticks(id)).isNotEmpty());
        }
    }

    @AfterAll
    void close() {
        assertThat(log.records(Topic.INBOX)).isEmpty();
        assertThat(log.finished("blk-a")).isEmpty();
        client.close();
        executor.close();
        log.close();
    }

    static Stream<Arguments> packets() {
        ByteString valid = packet("s", 1, "x").toByteString();
        return Stream.of(
                refused("blk-a", ByteString.EMPTY, "INVALID_ARGUMENT", "session_id: empty"),
                refused(
                        "blk-a",
                        packet("", 1, "x").toByteString(),
                        "INVALID_ARGUMENT",
                        "session_id: empty (expected: the id of a session)"),
                refused(
                        "blk-a",
                        packet("s".repeat(1025), 1, "x").toByteString(),
                        "INVALID_ARGUMENT",
                        "session_id: 1025 characters (expected: at most 1024)"),
                refused(
                        "blk-a",
                        valid.substring(0, valid.size() - 3),
                        "INVALID_ARGUMENT",
                        "bytes that are no AIOSPacket"),
                refused(
                        "blk-a",
                        ByteString.copyFromUtf8("no protobuf at all"),
                        "INVALID_ARGUMENT",
                        "bytes that are no AIOSPacket"),
                refused(
                        "blk-a",
                        ByteString.fromHex("0a02c328"),
                        "INVALID_ARGUMENT",
                        "session_id: not UTF-8 (expected: text in UTF-8)"),
                refused(
                        "blk-a",
                        valid.concat(ByteString.fromHex("2202c328")),
                        "INVALID_ARGUMENT",
                        ".data: not UTF-8 (expected: text in UTF-8)"),
                refused(
                        "blk-a",
                        valid.concat(ByteString.fromHex("3a040a02c328")),
                        "INVALID_ARGUMENT",
                        ".files.metadata: not UTF-8 (expected: text in UTF-8)"),
                refused(
                        "blk-a",
                        packet("s", 1, "x").toBuilder()
                                .setOutputPtr("{\"outputs\":[{\"port\":70000}]}")
                                .build()
                                .toByteString(),
                        "INVALID_ARGUMENT",
                        ".output_ptr.outputs[0].port: 70000 (expected: 0 to 65535)"),
                refused(
                        "blk-none",
                        valid,
                        "NOT_FOUND",
                        "x-service-name: blk-none (expected: the id of a block that exists)"),
                refused(
                        "",
                        valid,
                        "INVALID_ARGUMENT",
                        "x-service-name: absent (expected: the id of a block, because there are"
                                + " 2)"));
    }

    private static Arguments refused(
            String blockId, ByteString rpcData, String code, String message) {
        return Arguments.of(blockId, rpcData, code, message);
    }

    @ParameterizedTest
    @MethodSource("packets")
    void refusesToInferAndSaysWhy(String blockId, ByteString rpcData, String code, String message) {
        Status status = statusOf(() -> client.infer(blockId, rpcData));

        assertThat(status.getCode().name()).isEqualTo(code);
        assertThat(status.getDescription()).contains(message);
    }

    @Test
    void refusesAPacketThatTheLogCantTake() {
        AIOSPacket large =
                packet("s", 1, "x").toBuilder()
                        .setFramePtr(ByteString.copyFrom(new byte[PacketRecords.MAX_BYTES]))
                        .build();

        Status status = statusOf(() -> client.infer("blk-a", large));

        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription())
                .isEqualTo(
                        "rpc_data: %d bytes (expected: at most %d, the largest record of the log)"
                                .formatted(large.getSerializedSize(), PacketRecords.MAX_BYTES));
    }

    @Test
    void refusesAMessageBeyondTheLimit() {
        ByteString large = ByteString.copyFrom(new byte[GrpcApi.MAX_MESSAGE_BYTES]);

        Status status = statusOf(() -> client.infer("blk-a", large));

        // The server ends the call before it has all of the message: the client sees the status,
        // or that it could not write on.
        assertThat(status.getCode()).isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);
    }

    @Test
    void refusesAMessageThatIsNone() {
        Status status = statusOf(() -> inferBytes(ByteString.fromHex("0aff")));

        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription())
                .startsWith("request: 2 bytes that are no InferenceMessage");
    }

    @Test
    void refusesToPredictWhatItCantAndSaysWhy() {
        assertRefused(
                statusOf(() -> client.predict("blk-a", packet("", 1, "x"))),
                Status.Code.INVALID_ARGUMENT,
                "packet.session_id: empty (expected: the id of a session)");
        assertRefused(
                statusOf(() -> client.predict("blk-none", packet("s", 1, "x"))),
                Status.Code.NOT_FOUND,
                "x-service-name: blk-none (expected: the id of a block that exists)");
        assertRefused(
                statusOf(() -> client.predict("", packet("s", 1, "x"))),
                Status.Code.INVALID_ARGUMENT,
                "x-service-name: absent (expected: the id of a block, because there are 2)");
        assertRefused(
                statusOf(() ->
                        client.predict(
                                "blk-a",
                                packet("s", 1, "x").toBuilder().setOutputPtr("{}").build())),
                Status.Code.INVALID_ARGUMENT,
                "packet.output_ptr: not empty (expected: empty, because the answer goes to the"
                        + " caller; infer delivers to an output_ptr)");
    }

    private static void assertRefused(Status status, Status.Code code, String message) {
        assertThat(status.getCode()).isEqualTo(code);
        assertThat(status.getDescription()).isEqualTo(message);
    }

    private void inferBytes(ByteString request) {
        MethodDescriptor.Marshaller<ByteString> raw =
                new MethodDescriptor.Marshaller<>() {
                    @Override
                    public InputStream stream(ByteString value) {
                        return new ByteArrayInputStream(value.toByteArray());
                    }

                    @Override
                    public ByteString parse(InputStream stream) {
                        throw new UnsupportedOperationException();
                    }
                };
        ClientCalls.blockingUnaryCall(
                client.channel(),
                InferenceProxyGrpc.getInferMethod().toBuilder(
                                raw, InferenceProxyGrpc.getInferMethod().getResponseMarshaller())
                        .build(),
                CallOptions.DEFAULT,
                request);
    }
}

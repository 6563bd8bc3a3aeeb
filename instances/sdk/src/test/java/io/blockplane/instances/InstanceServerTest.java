package io.blockplane.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.instance.v1.InstanceGrpc;
import io.blockplane.proto.instance.v1.ProcessRequest;
import io.blockplane.proto.instance.v1.ProcessResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server in this JVM, spoken to over its two ports. */
@Timeout(120)
class InstanceServerTest {

    private final UpperCaseInstance instance = new UpperCaseInstance();
    private InstanceServer server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        server = InstanceServer.start(new InstanceArguments("blk", "in-a", 0, 0, 1), instance);
        channel = NettyChannelBuilder.forTarget(server.target()).usePlaintext().build();
    }

    @AfterEach
    void stop() throws Exception {
        instance.hold.countDown();
        channel.shutdownNow();
        channel.awaitTermination(10, TimeUnit.SECONDS);
        server.close();
    }

    @Test
    void answersWithThePacketAndItsDataReplacedAndTheTokensUsed() {
        AIOSPacket packet =
                packet("hello").toBuilder().setFramePtr(ByteString.copyFromUtf8("f")).build();

        ProcessResponse response = stub().process(request("blk", packet));

        assertThat(response.getPacket()).isEqualTo(packet.toBuilder().setData("HELLO").build());
        assertThat(response.getUsage().getInputTokens()).isEqualTo(3);
        assertThat(response.getUsage().getOutputTokens()).isEqualTo(2);
    }

    @Test
    void refusesBadInputWithFieldValueAndExpectation() {
        assertStatus(
                () -> stub().process(request("blk", packet(""))),
                Status.Code.INVALID_ARGUMENT,
                "data: empty (expected: a text)");
    }

    @Test
    void reportsAnExceptionAsInternalAndGoesOn() {
        assertStatus(
                () -> stub().process(request("blk", packet("break"))),
                Status.Code.INTERNAL,
                "broken on request");
        assertThat(stub().process(request("blk", packet("x"))).getPacket().getData())
                .isEqualTo("X");
    }

    @Test
    void doesNotTakeATaskOfAnotherBlock() {
        assertStatus(
                () -> stub().process(request("blk-other", packet("x"))),
                Status.Code.UNAVAILABLE,
                "block_id: blk-other (expected: blk, the block of instance in-a)");
        assertThat(instance.processed).hasValue(0);
    }

    @Test
    void doesNotTakeMoreThanItHasPlaceFor() throws Exception {
        List<ListenableFuture<ProcessResponse>> calls = new ArrayList<>();
        for (int i = 0; i < InstanceServer.MAX_WAITING + 2; i++) {
            calls.add(InstanceGrpc.newFutureStub(channel).process(request("blk", packet("hold"))));
        }
        List<Status.Code> refused = new ArrayList<>();
        // One works, MAX_WAITING wait, one has no place: whichever came last.
        while (refused.isEmpty()) {
            for (ListenableFuture<ProcessResponse> call : calls) {
                if (call.isDone()) {
                    refused.add(codeOf(call));
                }
            }
        }
        instance.hold.countDown();
        int answered = 0;
        for (ListenableFuture<ProcessResponse> call : calls) {
            answered += codeOf(call) == Status.Code.OK ? 1 : 0;
        }
        assertThat(refused).containsExactly(Status.Code.UNAVAILABLE);
        assertThat(answered).isEqualTo(InstanceServer.MAX_WAITING + 1);
    }

    @Test
    void finishesWhatItHasWhenClosed() throws Exception {
        var running = InstanceGrpc.newFutureStub(channel).process(request("blk", packet("slow")));
        var waiting = InstanceGrpc.newFutureStub(channel).process(request("blk", packet("x")));
        var first = stub();
        assertThat(first.process(request("blk", packet("z"))).getPacket().getData()).isEqualTo("Z");

        server.close();

        assertThat(running.get(30, TimeUnit.SECONDS).getPacket().getData()).isEqualTo("SLOW");
        assertThat(waiting.get(30, TimeUnit.SECONDS).getPacket().getData()).isEqualTo("X");
        assertThat(instance.closed).isTrue();
    }

    @Test
    void saysHowItIs() throws Exception {
        assertThat(get("GET", server.healthUrl()))
                .isEqualTo("200 {\"success\":true,\"data\":{\"status\":\"healthy\"}}");
        instance.health = new Health("overheated");
        assertThat(get("GET", server.healthUrl()))
                .isEqualTo("200 {\"success\":true,\"data\":{\"status\":\"overheated\"}}");
        assertThat(get("GET", server.healthUrl() + "x")).startsWith("404 ");
        assertThat(get("POST", server.healthUrl())).startsWith("405 ");
    }

    private InstanceGrpc.InstanceBlockingStub stub() {
        return InstanceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private static ProcessRequest request(String blockId, AIOSPacket packet) {
        return ProcessRequest.newBuilder().setBlockId(blockId).setPacket(packet).build();
    }

    private static AIOSPacket packet(String data) {
        return AIOSPacket.newBuilder().setSessionId("s").setSeqNo(7).setData(data).build();
    }

    private static Status.Code codeOf(ListenableFuture<ProcessResponse> call) throws Exception {
        try {
            call.get(60, TimeUnit.SECONDS);
            return Status.Code.OK;
        } catch (ExecutionException e) {
            return Status.fromThrowable(e).getCode();
        }
    }

    private static void assertStatus(Runnable call, Status.Code code, String message) {
        assertThatThrownBy(call::run)
                .satisfies(e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    private static String get(String method, String url) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response =
                    client.send(
                            HttpRequest.newBuilder(URI.create(url))
                                    .method(method, HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        }
    }
}

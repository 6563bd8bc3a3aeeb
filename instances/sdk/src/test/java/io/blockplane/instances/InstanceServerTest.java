package io.blockplane.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.instance.v1.InstanceGrpc;
import io.blockplane.proto.instance.v1.ProbeReply;
import io.blockplane.proto.instance.v1.ProbeRequest;
import io.blockplane.proto.instance.v1.ProcessPiece;
import io.blockplane.proto.instance.v1.ProcessRequest;
import io.blockplane.proto.instance.v1.ProcessResponse;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Iterator;
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

    @Test
    void streamsPiecesAndEndsWithTheTokens() {
        List<ProcessPiece> pieces = new ArrayList<>();
        stub().processStream(request("blk", packet("stream 3 ab"))).forEachRemaining(pieces::add);

        assertThat(pieces.stream().map(ProcessPiece::getDelta))
                .containsExactly("AB", "AB", "AB", "");
        assertThat(pieces.stream().map(ProcessPiece::hasUsage))
                .containsExactly(false, false, false, true);
        assertThat(pieces.getLast().getUsage().getOutputTokens()).isEqualTo(3);
    }

    @Test
    void streamsTheOutputOfAnInstanceThatHasNoPiecesAsOne() {
        List<ProcessPiece> pieces = new ArrayList<>();
        stub().processStream(request("blk", packet("hello"))).forEachRemaining(pieces::add);

        assertThat(pieces).hasSize(1);
        assertThat(pieces.getFirst().getDelta()).isEqualTo("HELLO");
        assertThat(pieces.getFirst().getUsage().getInputTokens()).isEqualTo(3);
        assertStatus(
                () -> stub().processStream(request("blk", packet(""))).next(),
                Status.Code.INVALID_ARGUMENT,
                "data: empty (expected: a text)");
    }

    @Test
    void stopsAStreamThatNobodyReadsAndHoldsNoMoreThanTheWindow() throws Exception {
        String kilobyte = "x".repeat(1024);
        CancellableContext context = Context.current().withCancellation();
        Context before = context.attach();
        try {
            Iterator<ProcessPiece> pieces =
                    stub().processStream(request("blk", packet("stream 1000000 " + kilobyte)));
            assertThat(pieces.next().getDelta()).hasSize(1024);
        } finally {
            context.detach(before);
        }
        context.cancel(null);

        while (instance.streamed.get() < 0) {
            Thread.sleep(10);
        }
        assertThat(instance.streamed.get()).isLessThan(100_000);
    }

    @Test
    void answersProbesWithWhatIsInFlightAndHowLongItTakes() throws Exception {
        ProbeReply idle = stub().probe(ProbeRequest.getDefaultInstance());
        assertThat(idle.getInFlight()).isZero();
        assertThat(idle.getLatencyUs()).isZero();
        stub().process(request("blk", packet("x")));
        var held = InstanceGrpc.newFutureStub(channel).process(request("blk", packet("hold")));
        // Calls may overtake each other: the one that holds the place first.
        while (stub().probe(ProbeRequest.getDefaultInstance()).getInFlight() < 1) {
            Thread.sleep(10);
        }
        var waits = InstanceGrpc.newFutureStub(channel).process(request("blk", packet("x")));
        while (stub().probe(ProbeRequest.getDefaultInstance()).getInFlight() < 2) {
            Thread.sleep(10);
        }
        assertThat(stub().probe(ProbeRequest.getDefaultInstance()).getLatencyUs()).isPositive();
        instance.hold.countDown();
        held.get(30, TimeUnit.SECONDS);
        waits.get(30, TimeUnit.SECONDS);
    }

    @Test
    void takesParametersAndManagementCalls() throws Exception {
        String base = server.healthUrl().replace("/health", "");
        assertThat(post(base + "/setParameters", "{\"loud\":true}"))
                .isEqualTo("200 {\"success\":true,\"updated_parameters\":{\"loud\":true}}");
        assertThat(post(base + "/setParameters", "{}"))
                .isEqualTo(
                        "400 {\"success\":false,\"message\":\"loud: absent (expected: true or"
                                + " false)\"}");
        assertThat(post(base + "/setParameters", "[")).startsWith("400 {\"success\":false");
        assertThat(post(base + "/mgmt", "{\"mgmt_action\":\"do\",\"mgmt_data\":{\"x\":5}}"))
                .isEqualTo("200 {\"success\":true,\"data\":\"do 5\"}");
        assertThat(post(base + "/mgmt", "{}"))
                .isEqualTo("400 {\"success\":false,\"message\":\"mgmt_action is required\"}");
        assertThat(post(base + "/mgmt", "{\"mgmt_action\":\"break\"}")).startsWith("500 ");
        stub().process(request("blk", packet("x")));
        assertThat(get("GET", base + "/metrics"))
                .startsWith("200 ")
                .contains("tasks_processed_total{outcome=\"completed\",} 1.0")
                .contains("input_tokens_total 3.0")
                .contains("end_to_end_latency_count 1.0");
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
        return call(url, method, HttpRequest.BodyPublishers.noBody());
    }

    private static String post(String url, String body) throws Exception {
        return call(url, "POST", HttpRequest.BodyPublishers.ofString(body));
    }

    private static String call(String url, String method, HttpRequest.BodyPublisher body)
            throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response =
                    client.send(
                            HttpRequest.newBuilder(URI.create(url)).method(method, body).build(),
                            HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        }
    }
}

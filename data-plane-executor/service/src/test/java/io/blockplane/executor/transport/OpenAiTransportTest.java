package io.blockplane.executor.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.blockplane.events.InstanceAddress;
import io.blockplane.executor.packet.Packet;
import io.blockplane.proto.aios.AIOSPacket;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OpenAiTransportTest {

    private static final String CHAT =
            "{\"model\":\"m\",\"temperature\":0.10,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

    private final OpenAiServer server;
    private final Transport transport;

    OpenAiTransportTest() throws IOException {
        server = new OpenAiServer();
        transport = OpenAiTransport.open("blk", server.address(""));
    }

    @AfterEach
    void close() throws Exception {
        transport.close();
        server.close();
    }

    /** Hears an attempt; asks for so many pieces at first. */
    private static final class Heard implements Transport.Listener {

        final List<String> pieces = new CopyOnWriteArrayList<>();
        final CompletableFuture<Attempt> end = new CompletableFuture<>();
        private Transport.@Nullable Flight flight;

        @Override
        public void piece(ByteString text) {
            pieces.add(text.toStringUtf8());
        }

        @Override
        public void ended(Attempt attempt) {
            if (!end.complete(attempt)) {
                throw new AssertionError("ended twice");
            }
        }

        Transport.Flight flight() {
            return java.util.Objects.requireNonNull(flight);
        }

        Attempt end() throws Exception {
            return end.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void answersWithTheServersAnswerAndItsTokens() throws Exception {
        Attempt.Answered chat = (Attempt.Answered) ask(CHAT).end();

        assertThat(chat.data().toStringUtf8()).contains("\"content\":\"Grüße, world\"");
        assertThat(chat.inputTokens()).isEqualTo(11);
        assertThat(chat.outputTokens()).isEqualTo(3);
        assertThat(server.paths).containsExactly("/v1/chat/completions");
        assertThat(server.requests.getFirst()).hasToString(CHAT.replace("0.10", "0.1"));

        ask("{\"model\":\"m\",\"prompt\":\"hi\",\"stream\":true}").end();
        Attempt.Answered embedded =
                (Attempt.Answered) ask("{\"model\":\"m\",\"input\":\"hi\"}").end();
        assertThat(embedded.outputTokens()).isZero();
        assertThat(server.paths).endsWith("/v1/completions", "/v1/embeddings");
        assertThat(server.requests.get(1).has("stream")).as("the method decides").isFalse();
    }

    @Test
    void namesTheModelOfTheAddressWhereARequestNamesNone() throws Exception {
        try (Transport named = OpenAiTransport.open("blk", server.address("#llama"))) {
            assertThat(start(named, "{\"prompt\":\"hi\"}", false, 0).end())
                    .isInstanceOf(Attempt.Answered.class);
            start(named, CHAT, false, 0).end();
        }
        assertThat(server.requests.stream().map(r -> r.path("model").asText()))
                .containsExactly("llama", "m");
    }

    @Test
    void streamsTextAsItIsAskedForAndEndsWithTheTokens() throws Exception {
        Heard heard = start(transport, CHAT, true, 1);
        awaitPieces(heard, 1);
        Thread.sleep(100);
        assertThat(heard.pieces).containsExactly("Grüße ");
        heard.flight().request(10);

        assertThat(heard.end()).isEqualTo(new Attempt.Answered(ByteString.EMPTY, 11, 3));
        assertThat(heard.pieces).containsExactly("Grüße ", "Grüße ", "Grüße ");
        JsonNode request = server.requests.getFirst();
        assertThat(request.path("stream").asBoolean()).isTrue();
        assertThat(request.path("stream_options").path("include_usage").asBoolean()).isTrue();

        Heard completion = start(transport, "{\"model\":\"m\",\"prompt\":\"hi\"}", true, 10);
        assertThat(completion.end()).isInstanceOf(Attempt.Answered.class);
        assertThat(completion.pieces).hasSize(3);
    }

    @Test
    void streamsEmbeddingsAsOnePiece() throws Exception {
        Heard heard = start(transport, "{\"model\":\"m\",\"input\":\"hi\"}", true, 1);
        assertThat(heard.end()).isEqualTo(new Attempt.Answered(ByteString.EMPTY, 11, 0));
        assertThat(heard.pieces).hasSize(1);
    }

    @Test
    void slowsTheServerWhenTheCallerIsSlowAndHangsUpWhenItGoes() throws Exception {
        Heard heard = start(transport, CHAT.replace("\"m\"", "\"endless\""), true, 3);
        awaitPieces(heard, 3);
        int before;
        do {
            before = server.chunksWritten.get();
            Thread.sleep(300);
        } while (server.chunksWritten.get() != before);
        assertThat(heard.pieces).hasSize(3);
        heard.flight().cancel();

        assertThat(heard.end()).isEqualTo(new Attempt.Abandoned());
        assertThat(server.callerGone.await(30, TimeUnit.SECONDS)).isTrue();
        heard.flight().cancel();
        heard.flight().request(1);
    }

    @Test
    void saysWhatStatusesMean() throws Exception {
        assertThat(status(429)).isInstanceOf(Attempt.NotTaken.class);
        assertThat(status(503)).isInstanceOf(Attempt.NotTaken.class);
        assertThat(status(504)).isInstanceOf(Attempt.Expired.class);
        assertRefused(status(400), Status.Code.INVALID_ARGUMENT, "as asked");
        assertRefused(status(401), Status.Code.PERMISSION_DENIED, "as asked");
        assertRefused(status(404), Status.Code.NOT_FOUND, "as asked");
        assertRefused(status(500), Status.Code.INTERNAL, "HTTP 500: as asked");
        assertRefused(
                ask("{\"prompt\":\"hi\"}").end(),
                Status.Code.INVALID_ARGUMENT,
                "Field required: model");
        assertThat(start(transport, CHAT.replace("\"m\"", "\"status-503\""), true, 1).end())
                .isInstanceOf(Attempt.NotTaken.class);
    }

    @Test
    void refusesDataThatIsNoRequest() throws Exception {
        assertRefused(ask("hello").end(), Status.Code.INVALID_ARGUMENT, "data: not JSON");
        assertRefused(ask("[]").end(), Status.Code.INVALID_ARGUMENT, "data: no JSON object");
        assertRefused(ask("{}").end(), Status.Code.INVALID_ARGUMENT, "none of messages, prompt");
        assertRefused(
                start(transport, "{\"model\":\"m\",\"prompt\":\"p\",\"n\":2}", true, 1).end(),
                Status.Code.INVALID_ARGUMENT,
                "data.n: 2 (expected: 1 in a stream)");
        assertThat(server.paths).isEmpty();
    }

    @Test
    void tellsWhatWasLostFromWhatWasNeverTaken() throws Exception {
        assertThat(start(transport, CHAT.replace("\"m\"", "\"cut\""), true, 10).end())
                .isInstanceOf(Attempt.Lost.class);
        Heard hanging = ask(CHAT.replace("\"m\"", "\"hang\""));
        while (server.requests.size() < 2) {
            Thread.sleep(10);
        }
        server.close();
        assertThat(hanging.end()).isInstanceOf(Attempt.Lost.class);
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        InstanceAddress nobody = new InstanceAddress("openai", "http://127.0.0.1:" + port, "");
        try (Transport none = OpenAiTransport.open("blk", nobody)) {
            assertThat(start(none, CHAT, false, 0).end()).isInstanceOf(Attempt.NotTaken.class);
        }
    }

    @Test
    void expiresInTime() throws Exception {
        Heard heard = new Heard();
        transport.start(
                new Transport.Work(
                        packet(CHAT.replace("\"m\"", "\"hang\"")), false, Duration.ofMillis(200)),
                heard);
        assertThat(heard.end()).isInstanceOf(Attempt.Expired.class);
    }

    @Test
    void expiresWhileItsCallerTakesNoPieces() throws Exception {
        Heard heard = new Heard();
        transport.start(new Transport.Work(packet(CHAT), true, Duration.ofMillis(500)), heard);
        assertThat(heard.end()).isInstanceOf(Attempt.Expired.class);
        assertThat(heard.pieces).isEmpty();
    }

    @Test
    void takesNothingOnceItIsClosed() throws Exception {
        transport.close();
        assertThat(ask(CHAT).end()).isInstanceOf(Attempt.NotTaken.class);
    }

    @Test
    void refusesAnAddressThatIsNone() {
        assertThatThrownBy(() ->
                        OpenAiTransport.open("b", new InstanceAddress("openai", "host:80", "")))
                .hasMessageContaining("expected: openai http://host:port/v1");
        assertThatThrownBy(() ->
                        Transports.of(java.util.Map.of("openai", OpenAiTransport::open))
                                .open("b", new InstanceAddress("carrier-pigeon", "x", "")))
                .hasMessage("transport: carrier-pigeon (expected: one of [openai])");
    }

    @Test
    void readsEventsHoweverTheyAreCut() throws Exception {
        byte[] bytes =
                "data: ü\r\ndata:b\r\n\r\n: c\n\nevent: x\ndata: d\n\ndata: e\r\rdata: open\n"
                        .getBytes(StandardCharsets.UTF_8);
        for (int cut = 1; cut < bytes.length; cut++) {
            ServerSentEvents events = new ServerSentEvents();
            List<String> read = new ArrayList<>(events.read(ByteBuffer.wrap(bytes, 0, cut)));
            read.addAll(events.read(ByteBuffer.wrap(bytes, cut, bytes.length - cut)));
            assertThat(read).as("cut at %d", cut).containsExactly("ü\nb", "d", "e");
        }
    }

    private Attempt status(int status) throws Exception {
        return ask(CHAT.replace("\"m\"", "\"status-" + status + "\"")).end();
    }

    private Heard ask(String data) {
        return start(transport, data, false, 0);
    }

    private static Heard start(Transport transport, String data, boolean stream, int pieces) {
        Heard heard = new Heard();
        Transport.Flight flight =
                transport.start(
                        new Transport.Work(packet(data), stream, Duration.ofSeconds(30)), heard);
        heard.flight = flight;
        if (pieces > 0) {
            flight.request(pieces);
        }
        return heard;
    }

    private static Packet packet(String data) {
        return Packet.of(AIOSPacket.newBuilder().setSessionId("s").setData(data).build());
    }

    private static void awaitPieces(Heard heard, int count) throws InterruptedException {
        while (heard.pieces.size() < count) {
            Thread.sleep(5);
        }
    }

    private static void assertRefused(Attempt attempt, Status.Code code, String message) {
        assertThat(attempt).isInstanceOf(Attempt.Refused.class);
        Status status = ((Attempt.Refused) attempt).status();
        assertThat(status.getCode()).isEqualTo(code);
        assertThat(status.getDescription()).contains(message);
    }
}

package io.blockplane.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.aios.InferenceMessage;
import io.blockplane.proto.aios.InferenceProxyGrpc;
import io.blockplane.proto.aios.InferenceRespose;
import io.blockplane.proto.dataplane.v1.PredictPiece;
import io.blockplane.proto.dataplane.v1.PredictRequest;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import io.blockplane.proto.dataplane.v1.PredictionGrpc;
import io.blockplane.proto.dataplane.v1.StreamEnd;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Runs against a real server in this JVM. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LoadRunTest {

    private final Backend backend = new Backend();
    private final ConcurrentLinkedQueue<AIOSPacket> inferred = new ConcurrentLinkedQueue<>();
    private Server server;

    @BeforeAll
    void start() throws Exception {
        server =
                NettyServerBuilder.forPort(0)
                        .addService(backend)
                        .addService(new Proxy())
                        .build()
                        .start();
    }

    @AfterAll
    void stop() throws Exception {
        server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }

    @Test
    void sendsWhatTheScheduleSaysAndCountsWhatComesBack() throws Exception {
        List<Progress> progress = new ArrayList<>();
        LoadReport report;
        try (LoadClient client = client(LoadClient.Method.PREDICT)) {
            LoadRun run =
                    new LoadRun(
                            client,
                            new Packets("r", 3, Payload.PROMPT),
                            new LoadRun.Settings(
                                    Duration.ofSeconds(30), 5000, (_, _) -> {}, progress::add));
            report = run.open(schedule("300/1500ms", "5", Long.MAX_VALUE));
        }

        assertThat(report.planned()).isEqualTo(450);
        assertThat(report.answered()).isEqualTo(450);
        assertThat(report.errors()).isEmpty();
        assertThat(report.inputTokens()).isEqualTo(450 * 7);
        assertThat(report.outputTokens()).isEqualTo(450 * 2);
        assertThat(report.latency().getTotalCount()).isEqualTo(450);
        assertThat(progress).isNotEmpty();
        JsonNode json = new JsonMapper().readTree(report.json());
        assertThat(json.path("answered").asInt()).isEqualTo(450);
        assertThat(json.path("latencyMs").path("p99").asDouble()).isPositive();
        assertThat(report.text()).contains("450 answered");
    }

    @Test
    void countsWhatASlowServerMakesOthersWait() throws Exception {
        backend.stallMs.set(400);
        LoadReport report;
        try (LoadClient client = client(LoadClient.Method.PREDICT)) {
            LoadRun run = new LoadRun(client, new Packets("r", 1, Payload.TEXT), settings(5000));
            report = run.open(schedule("100/1s", "1", Long.MAX_VALUE));
        }
        // One stall of 400 ms; the 40 requests planned within it waited 200 ms on the average.
        long waited = report.latency().getCountBetweenValues(100_000_000L, Long.MAX_VALUE / 4);
        assertThat(report.answered()).isEqualTo(100);
        assertThat(waited).isGreaterThan(20);
    }

    @Test
    void saysWhichCodesFailuresHadAndWhatWasNotSent() throws Exception {
        try (LoadClient client = client(LoadClient.Method.PREDICT)) {
            LoadRun run = new LoadRun(client, new Packets("fail", 1, Payload.TEXT), settings(5000));
            LoadReport report = run.open(schedule("100/100ms", "1", Long.MAX_VALUE));
            assertThat(report.errors()).containsEntry("NOT_FOUND", 10L);
            assertThat(report.failed()).isEqualTo(10);

            LoadRun bounded =
                    new LoadRun(
                            client,
                            new Packets("never", 1, Payload.TEXT),
                            new LoadRun.Settings(Duration.ofMillis(500), 2, (_, _) -> {}, _ -> {}));
            assertThat(bounded.open(schedule("100/50ms", "1", Long.MAX_VALUE)).errors())
                    .containsEntry("DEADLINE_EXCEEDED", 2L)
                    .containsEntry(LoadReport.NOT_SENT, 3L);
        }
    }

    @Test
    void keepsSoManyOpenAndNoMore() throws Exception {
        backend.most.set(0);
        try (LoadClient client = client(LoadClient.Method.PREDICT)) {
            LoadRun run = new LoadRun(client, new Packets("r", 8, Payload.TEXT), settings(5000));
            LoadReport report = run.closed(schedule("1000000/1h", "1", 3000), 8);
            assertThat(report.answered()).isEqualTo(3000);
        }
        assertThat(backend.most).hasValueBetween(1, 8);
    }

    @Test
    void endsWhenEveryCallOfAClosedLoopFailsAtOnce() throws Exception {
        LoadClient client = client(LoadClient.Method.PREDICT);
        client.close();
        LoadRun run = new LoadRun(client, new Packets("r", 8, Payload.TEXT), settings(5000));

        LoadReport report = run.closed(schedule("1000000/1h", "1", 20_000), 4);

        assertThat(report.errors()).containsEntry("UNAVAILABLE", 20_000L);
    }

    @Test
    void measuresTheFirstPieceAndTheOthersOfStreams() throws Exception {
        try (LoadClient client = client(LoadClient.Method.STREAM)) {
            LoadRun run = new LoadRun(client, new Packets("r", 1, Payload.TEXT), settings(5000));
            LoadReport report = run.open(schedule("100/200ms", "1", Long.MAX_VALUE));

            assertThat(report.answered()).isEqualTo(20);
            assertThat(report.outputTokens()).isEqualTo(60);
            assertThat(report.firstPiece().getTotalCount()).isEqualTo(20);
            assertThat(report.betweenPieces().getTotalCount()).isEqualTo(20);
            assertThat(report.text()).contains("first piece");
        }
    }

    @Test
    void handsPacketsOverInTheOrderOfTheirSessions() throws Exception {
        inferred.clear();
        try (LoadClient client = client(LoadClient.Method.INFER)) {
            LoadRun run = new LoadRun(client, new Packets("s", 4, Payload.TEXTS), settings(5000));
            assertThat(run.open(schedule("400/500ms", "3", Long.MAX_VALUE)).answered())
                    .isEqualTo(200);
        }
        assertThat(inferred).hasSize(200);
        assertThat(
                        inferred.stream()
                                .filter(p -> p.getSessionId().equals("s-2"))
                                .map(AIOSPacket::getSeqNo))
                .hasSize(50)
                .doesNotHaveDuplicates();
    }

    private LoadClient client(LoadClient.Method method) {
        return new LoadClient("127.0.0.1:" + server.getPort(), "blk", method, 1);
    }

    private static LoadRun.Settings settings(int maxOpen) {
        return new LoadRun.Settings(Duration.ofSeconds(30), maxOpen, (_, _) -> {}, _ -> {});
    }

    private static RateSchedule schedule(String plan, String tokens, long limit) {
        return new RateSchedule(
                RatePlan.parse(plan, Duration.ofSeconds(1)),
                RateSchedule.Spacing.EVEN,
                TokenCounts.parse(tokens),
                TokenCounts.parse("1"),
                limit,
                1);
    }

    /** Echoes; one stall on request; sessions {@code fail-*} and {@code never-*} do as they say. */
    private static final class Backend extends PredictionGrpc.PredictionImplBase {

        private final AtomicInteger stallMs = new AtomicInteger();
        private final AtomicInteger inside = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();
        private final Object one = new Object();

        @Override
        public void predict(PredictRequest request, StreamObserver<PredictResponse> responses) {
            String session = request.getPacket().getSessionId();
            if (session.startsWith("fail")) {
                responses.onError(Status.NOT_FOUND.asRuntimeException());
                return;
            }
            if (session.startsWith("never")) {
                return;
            }
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            synchronized (one) {
                stall(stallMs.getAndSet(0));
            }
            inside.decrementAndGet();
            responses.onNext(
                    PredictResponse.newBuilder()
                            .setPacket(request.getPacket())
                            .setInputTokens(7)
                            .setOutputTokens(2)
                            .build());
            responses.onCompleted();
        }

        @Override
        public void predictStream(PredictRequest request, StreamObserver<PredictPiece> responses) {
            for (int i = 0; i < 3; i++) {
                responses.onNext(PredictPiece.newBuilder().setDelta("x").build());
            }
            responses.onNext(
                    PredictPiece.newBuilder()
                            .setEnd(StreamEnd.newBuilder().setOutputTokens(3))
                            .build());
            responses.onCompleted();
        }

        private static void stall(int ms) {
            try {
                Thread.sleep(ms);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private final class Proxy extends InferenceProxyGrpc.InferenceProxyImplBase {
        @Override
        public void infer(InferenceMessage request, StreamObserver<InferenceRespose> responses) {
            try {
                inferred.add(AIOSPacket.parseFrom(request.getRpcData()));
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                responses.onError(e);
                return;
            }
            responses.onNext(InferenceRespose.newBuilder().setMessage(true).build());
            responses.onCompleted();
        }
    }
}

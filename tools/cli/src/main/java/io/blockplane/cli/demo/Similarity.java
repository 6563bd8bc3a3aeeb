package io.blockplane.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.cli.client.InferenceClient;
import io.blockplane.events.EventJson;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** Shows that a real model answers: near sentences have near vectors. */
final class Similarity {

    private static final Duration EXECUTOR_LIMIT = Duration.ofSeconds(10);
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
    private static final String DATA =
            "{\"texts\":[\"A man is playing a guitar\",\"Someone plays an instrument\",\"The stock"
                    + " market fell today\"]}";

    private Similarity() {}

    static void show(InferenceClient client, Consumer<String> out)
            throws IOException, InterruptedException {
        AIOSPacket packet =
                AIOSPacket.newBuilder()
                        .setSessionId("demo-hello")
                        .setSeqNo(1)
                        .setData(DATA)
                        .build();
        PredictResponse answer = ask(client, packet);
        JsonNode vectors =
                EventJson.MAPPER.readTree(answer.getPacket().getData()).path("embeddings");
        out.accept(
                "  model   %s answers: guitar ~ instrument %.2f, guitar ~ stock market %.2f (%d"
                                .formatted(
                                        answer.getInstanceId(),
                                        cosine(vectors.path(0), vectors.path(1)),
                                        cosine(vectors.path(0), vectors.path(2)),
                                        answer.getInputTokens())
                        + " tokens read)");
    }

    /** The executor hears that the instance is ready at about the time that we do. */
    private static PredictResponse ask(InferenceClient client, AIOSPacket packet)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + EXECUTOR_LIMIT.toNanos();
        while (true) {
            try {
                return client.predict(packet, CALL_LIMIT.toMillis()).get();
            } catch (ExecutionException e) {
                boolean soon =
                        Status.fromThrowable(e).getCode() == Status.Code.UNAVAILABLE
                                && System.nanoTime() < deadline;
                if (!soon) {
                    throw new IOException("the model did not answer: " + e.getMessage(), e);
                }
                Thread.sleep(100);
            }
        }
    }

    private static double cosine(JsonNode a, JsonNode b) {
        double dot = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int i = 0; i < a.size(); i++) {
            dot += a.path(i).asDouble() * b.path(i).asDouble();
            lengthA += a.path(i).asDouble() * a.path(i).asDouble();
            lengthB += b.path(i).asDouble() * b.path(i).asDouble();
        }
        return dot / Math.sqrt(lengthA * lengthB);
    }
}

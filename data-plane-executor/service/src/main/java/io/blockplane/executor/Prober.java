package io.blockplane.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Envelope;
import io.blockplane.events.EventJson;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.executor.transport.OpenAiTransport;
import io.blockplane.log.LogWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks every instance how it is, block by block and round by round, and writes each answer into the
 * log. Healthy is what AIOSv1 calls so: 2xx, JSON, {@code success} true, {@code data.status}
 * "healthy". A server of the OpenAI API knows nothing of that: there it is any 2xx.
 */
final class Prober implements AutoCloseable {

    /** Of an answer; a longer one is unhealthy. */
    static final int MAX_BODY_BYTES = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(Prober.class);
    private static final String POLICY = "stabilityChecker";
    private static final String INTERVAL = "health_check_interval";
    private static final String TIMEOUT = "health_check_timeout";
    private static final double MAX_SETTING_SECONDS = 86_400;
    private static final int MAX_DETAIL_CHARS = 500;

    private final LogWriter log;
    private final ExecutorMetrics metrics;
    private final Clock clock;
    private final String executorId;
    private final String incarnation;
    private final Duration defaultInterval;
    private final Duration defaultTimeout;
    private final HttpClient http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Probes nothing yet.
     *
     * @param incarnation tells this run of the executor from its others
     */
    Prober(
            ExecutorConfig config,
            String incarnation,
            LogWriter log,
            ExecutorMetrics metrics,
            Clock clock) {
        this.log = log;
        this.metrics = metrics;
        this.clock = clock;
        this.executorId = config.executorId();
        this.incarnation = incarnation;
        this.defaultInterval = config.probeInterval();
        this.defaultTimeout = config.probeTimeout();
        this.http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .proxy(HttpClient.Builder.NO_PROXY)
                        .executor(threads)
                        .build();
    }

    /** Probes this block's instances from now on. */
    void watch(Block block) {
        Duration interval = setting(block, INTERVAL, defaultInterval);
        Duration timeout = setting(block, TIMEOUT, defaultTimeout);
        threads.execute(() -> rounds(block, interval, timeout));
    }

    @Override
    public void close() {
        threads.shutdownNow();
        http.shutdownNow();
    }

    private static Duration setting(Block block, String name, Duration otherwise) {
        PolicyBinding policy = block.spec().policies().get(POLICY);
        JsonNode value = policy == null ? null : policy.settings().node().get(name);
        if (value == null || value.isNull()) {
            return otherwise;
        }
        double seconds = value.isNumber() ? value.doubleValue() : -1;
        if (seconds <= 0 || seconds > MAX_SETTING_SECONDS) {
            LOG.atWarn()
                    .addKeyValue("blockId", block.id())
                    .addKeyValue("setting", POLICY + ".settings." + name)
                    .addKeyValue("value", value)
                    .addKeyValue("expected", "seconds, more than 0, at most a day")
                    .addKeyValue("used", otherwise)
                    .log("setting ignored");
            return otherwise;
        }
        return Duration.ofMillis(Math.max(1, Math.round(seconds * 1000)));
    }

    private void rounds(Block block, Duration interval, Duration timeout) {
        try {
            for (long round = 1; ; round++) {
                long start = System.nanoTime();
                round(block, round, timeout);
                Duration left = interval.minusNanos(System.nanoTime() - start);
                Thread.sleep(left.isPositive() ? left : Duration.ZERO);
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void round(Block block, long round, Duration timeout) throws InterruptedException {
        List<Future<?>> probes = new ArrayList<>();
        for (Map.Entry<String, InstanceAddress> instance : block.router().addresses().entrySet()) {
            probes.add(
                    threads.submit(() -> {
                        record(
                                probe(
                                        block.id(),
                                        instance.getKey(),
                                        instance.getValue(),
                                        round,
                                        timeout));
                        return null;
                    }));
        }
        for (Future<?> probe : probes) {
            try {
                probe.get();
            } catch (ExecutionException e) {
                LOG.atError()
                        .addKeyValue("blockId", block.id())
                        .setCause(e.getCause())
                        .log("probe failed");
            }
        }
    }

    private ProbeRecorded probe(
            String blockId,
            String instanceId,
            InstanceAddress address,
            long round,
            Duration timeout)
            throws InterruptedException {
        long start = System.nanoTime();
        Verdict verdict = ask(address, timeout);
        long durationUs = (System.nanoTime() - start) / 1_000;
        String detail = verdict.detail();
        return new ProbeRecorded(
                blockId,
                instanceId,
                round,
                clock.millis(),
                address.healthUrl(),
                detail == null,
                verdict.status(),
                durationUs,
                detail);
    }

    /** Not healthy when there is a detail. */
    private record Verdict(@Nullable Integer status, @Nullable String detail) {}

    private Verdict ask(InstanceAddress address, Duration timeout) throws InterruptedException {
        String url = address.healthUrl();
        boolean openAi = address.transport().equals(OpenAiTransport.NAME);
        CompletableFuture<HttpResponse<byte[]>> answer;
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url)).GET().build();
            answer =
                    http.sendAsync(
                            request,
                            openAi
                                    ? BodyHandlers.replacing(new byte[0])
                                    : BodyHandlers.limiting(
                                            BodyHandlers.ofByteArray(), MAX_BODY_BYTES));
        } catch (IllegalArgumentException e) {
            return new Verdict(null, "url: " + url + " (expected: an http URL)");
        }
        try {
            HttpResponse<byte[]> response = answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            int status = response.statusCode();
            return new Verdict(status, openAi ? judge(status) : judge(status, response.body()));
        } catch (TimeoutException e) {
            return new Verdict(null, "no answer within " + timeout.toMillis() + " ms");
        } catch (ExecutionException e) {
            return new Verdict(null, shortened(String.valueOf(e.getCause())));
        } finally {
            answer.cancel(true);
        }
    }

    /** Why an answer does not say healthy; null when it does. */
    static @Nullable String judge(int status, byte[] body) {
        String refused = judge(status);
        if (refused != null) {
            return refused;
        }
        JsonNode json;
        try {
            json = EventJson.MAPPER.readTree(new String(body, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            return shortened("body: no JSON: " + e.getOriginalMessage());
        }
        if (!json.path("success").isBoolean() || !json.path("success").booleanValue()) {
            return shortened("success: " + json.path("success") + " (expected: true)");
        }
        JsonNode health = json.path("data").path("status");
        return health.isTextual() && health.textValue().equals("healthy")
                ? null
                : shortened("data.status: " + health + " (expected: \"healthy\")");
    }

    private static @Nullable String judge(int status) {
        return status >= 200 && status <= 299 ? null : "status " + status + " (expected: 2xx)";
    }

    private static String shortened(String text) {
        return text.length() <= MAX_DETAIL_CHARS
                ? text
                : text.substring(0, MAX_DETAIL_CHARS) + "...";
    }

    private void record(ProbeRecorded probe) {
        metrics.probed(probe.blockId(), probe.healthy());
        var _ =
                log.append(
                                new Envelope<>(
                                        "probe-%s-%s-%s-%s-%d"
                                                .formatted(
                                                        probe.blockId(),
                                                        probe.instanceId(),
                                                        executorId,
                                                        incarnation,
                                                        probe.round()),
                                        "/executor/" + executorId,
                                        probe.atMs(),
                                        null,
                                        null,
                                        probe))
                        .exceptionally(error -> {
                            LOG.atWarn()
                                    .addKeyValue("blockId", probe.blockId())
                                    .addKeyValue("instanceId", probe.instanceId())
                                    .addKeyValue("round", probe.round())
                                    .addKeyValue("error", error.toString())
                                    .log("probe result not written");
                            return null;
                        });
    }
}

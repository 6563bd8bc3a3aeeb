package io.blockplane.instances;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.exporter.HTTPServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What every instance tells Prometheus, under the names that AIOSv1 instances have where they do.
 */
final class InstanceMetrics {

    private static final double[] SECONDS = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
    };
    private static final double NANOS = 1e9;

    private final CollectorRegistry registry = new CollectorRegistry();
    private final Counter tasks =
            Counter.build("tasks_processed", "Tasks that ended, by how they did.")
                    .labelNames("outcome")
                    .register(registry);
    private final Histogram endToEnd =
            Histogram.build("end_to_end_latency", "Seconds from taking a task to its end.")
                    .buckets(SECONDS)
                    .register(registry);
    private final Histogram onData =
            Histogram.build("on_data_latency", "Seconds of work on a task, without its waiting.")
                    .buckets(SECONDS)
                    .register(registry);
    private final Histogram firstPiece =
            Histogram.build(
                            "first_piece_latency",
                            "Seconds from taking a streamed task to its first piece.")
                    .buckets(SECONDS)
                    .register(registry);
    private final Counter inputTokens =
            Counter.build("input_tokens", "Tokens read.").register(registry);
    private final Counter outputTokens =
            Counter.build("output_tokens", "Tokens written.").register(registry);

    InstanceMetrics(LoadGauge load) {
        Gauge inFlight =
                Gauge.build("tasks_in_flight", "Tasks that are worked on or wait.").create();
        inFlight.setChild(
                new Gauge.Child() {
                    @Override
                    public double get() {
                        return load.read().inFlight();
                    }
                });
        inFlight.register(registry);
    }

    CollectorRegistry registry() {
        return registry;
    }

    /** Serves them on a port of their own; null when there is to be none. */
    @Nullable HTTPServer serve(@Nullable Integer port) throws IOException {
        return port == null
                ? null
                : new HTTPServer.Builder()
                        .withInetSocketAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                        .withRegistry(registry)
                        .withDaemonThreads(true)
                        .build();
    }

    void worked(long nanos) {
        onData.observe(nanos / NANOS);
    }

    void firstPiece(long nanos) {
        firstPiece.observe(nanos / NANOS);
    }

    void ended(String outcome, long nanos) {
        tasks.labels(outcome).inc();
        endToEnd.observe(nanos / NANOS);
    }

    void used(Result.Output output) {
        inputTokens.inc((double) output.inputTokens());
        outputTokens.inc((double) output.outputTokens());
    }
}

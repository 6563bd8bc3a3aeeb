package io.blockplane.executor;

import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.executor.core.routing.Answer;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.GaugeMetricFamily;
import io.prometheus.client.Histogram;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;

/**
 * What an executor tells Prometheus. The first two names are AIOSv1's. Labels are bounded: blocks
 * beyond {@link #MAX_BLOCK_LABELS} count as {@code other}, the rest are words of ours.
 */
final class ExecutorMetrics {

    /** Blocks with numbers of their own. */
    static final int MAX_BLOCK_LABELS = 200;

    private static final String OTHER = "other";
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MICROS_PER_SECOND = 1e6;

    private final CollectorRegistry registry = new CollectorRegistry();
    private final Set<String> blockLabels = ConcurrentHashMap.newKeySet();

    private final Counter tasksProcessed =
            Counter.build("tasks_processed", "Tasks that ended, however they did.")
                    .register(registry);
    private final Gauge latency =
            Gauge.build("latency", "Seconds from acceptance to end of the last task that ended.")
                    .register(registry);
    private final Counter tasks =
            Counter.build("blockplane_executor_tasks", "Tasks that ended.")
                    .labelNames("block", "entry", "outcome")
                    .register(registry);
    private final Histogram taskSeconds =
            Histogram.build(
                            "blockplane_executor_task_seconds",
                            "From acceptance to end of a task that completed.")
                    .labelNames("block", "entry")
                    .buckets(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300)
                    .register(registry);
    private final Counter accepted =
            Counter.build(
                            "blockplane_executor_accepted",
                            "Infer packets that are durable in the inbox.")
                    .labelNames("block")
                    .register(registry);
    private final Counter refused =
            Counter.build("blockplane_executor_refused", "Requests refused, by gRPC status.")
                    .labelNames("method", "code")
                    .register(registry);
    private final Counter retries =
            Counter.build("blockplane_executor_retries", "Attempts after one that gave no answer.")
                    .labelNames("block")
                    .register(registry);
    private final Counter dropped =
            Counter.build(
                            "blockplane_executor_dropped_events",
                            "Events of Predict calls and ticks dropped while Kafka was away.")
                    .register(registry);
    private final Histogram commitSeconds =
            Histogram.build(
                            "blockplane_executor_commit_seconds",
                            "Time to make one batch of endings durable.")
                    .buckets(.002, .005, .01, .02, .05, .1, .25, .5, 1, 5, 30)
                    .register(registry);
    private final Counter committedEvents =
            Counter.build("blockplane_executor_committed_events", "Events made durable.")
                    .register(registry);
    private final Counter ejections =
            Counter.build(
                            "blockplane_executor_ejections",
                            "Times that an instance was ejected for giving no answers.")
                    .labelNames("block")
                    .register(registry);
    private final Counter shed =
            Counter.build(
                            "blockplane_executor_shed_calls",
                            "Predict calls refused because waiting made no sense.")
                    .labelNames("block", "reason")
                    .register(registry);
    private final Counter retriesRefused =
            Counter.build(
                            "blockplane_executor_retry_budget_exhausted",
                            "Repetitions not made at once because the budget was used up.")
                    .labelNames("block")
                    .register(registry);
    private final Counter loadProbes =
            Counter.build(
                            "blockplane_executor_load_probes",
                            "Times that an instance was asked how busy it is.")
                    .labelNames("block", "answered")
                    .register(registry);
    private final Counter probes =
            Counter.build("blockplane_executor_probes", "Health probes.")
                    .labelNames("block", "healthy")
                    .register(registry);

    CollectorRegistry registry() {
        return registry;
    }

    /** Shows what blocks have in their hands whenever Prometheus asks. */
    void watch(Blocks blocks, ToIntFunction<Block> queued) {
        new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                GaugeMetricFamily waiting =
                        new GaugeMetricFamily(
                                "blockplane_executor_queued_tasks",
                                "Infer tasks read from the inbox and not with an instance.",
                                List.of("block"));
                GaugeMetricFamily outstanding =
                        new GaugeMetricFamily(
                                "blockplane_executor_outstanding_tasks",
                                "Tasks that instances have in their hands.",
                                List.of("block"));
                GaugeMetricFamily calls =
                        new GaugeMetricFamily(
                                "blockplane_executor_waiting_calls",
                                "Predict calls that wait for a free instance.",
                                List.of("block"));
                GaugeMetricFamily ejected =
                        new GaugeMetricFamily(
                                "blockplane_executor_ejected_instances",
                                "Instances that are ejected now.",
                                List.of("block"));
                for (Block block : blocks.all()) {
                    if (!label(block.id()).equals(OTHER)) {
                        waiting.addMetric(List.of(block.id()), queued.applyAsInt(block));
                        outstanding.addMetric(
                                List.of(block.id()),
                                block.router().loads().stream()
                                        .mapToInt(InstanceLoad::outstanding)
                                        .sum());
                        Router.Standing standing = block.router().standing();
                        calls.addMetric(List.of(block.id()), standing.waiting());
                        ejected.addMetric(List.of(block.id()), standing.ejected());
                    }
                }
                return List.of(waiting, outstanding, calls, ejected);
            }
        }.register(registry);
    }

    void accepted(String blockId) {
        accepted.labels(label(blockId)).inc();
    }

    void refused(String method, String code) {
        refused.labels(method, code).inc();
    }

    void finished(TaskFinished event) {
        double seconds = event.totalUs() / MICROS_PER_SECOND;
        String entry = event.entry().name().toLowerCase(Locale.ROOT);
        tasksProcessed.inc();
        latency.set(seconds);
        tasks.labels(label(event.blockId()), entry, event.outcome().name().toLowerCase(Locale.ROOT))
                .inc();
        switch (event.outcome()) {
            case COMPLETED -> taskSeconds.labels(label(event.blockId()), entry).observe(seconds);
            case FAILED, EXPIRED -> {}
        }
    }

    void retried(String blockId) {
        retries.labels(label(blockId)).inc();
    }

    void eventDropped() {
        dropped.inc();
    }

    void committed(int events, long nanos) {
        committedEvents.inc(events);
        commitSeconds.observe(nanos / NANOS_PER_SECOND);
    }

    void probed(String blockId, boolean healthy) {
        probes.labels(label(blockId), Boolean.toString(healthy)).inc();
    }

    void ejected(String blockId) {
        ejections.labels(label(blockId)).inc();
    }

    void shed(String blockId, Answer.Why why) {
        shed.labels(label(blockId), why.name().toLowerCase(Locale.ROOT)).inc();
    }

    void retryRefused(String blockId) {
        retriesRefused.labels(label(blockId)).inc();
    }

    void loadProbed(String blockId, boolean answered) {
        loadProbes.labels(label(blockId), Boolean.toString(answered)).inc();
    }

    private String label(String blockId) {
        if (blockLabels.contains(blockId)) {
            return blockId;
        }
        return blockLabels.size() < MAX_BLOCK_LABELS && blockLabels.add(blockId) ? blockId : OTHER;
    }
}

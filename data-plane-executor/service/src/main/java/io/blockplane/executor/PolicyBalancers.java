package io.blockplane.executor;

import io.blockplane.events.Command;
import io.blockplane.events.Command.ManagePolicy;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogTail;
import io.blockplane.log.LogWriter;
import io.blockplane.policy.HttpAccess;
import io.blockplane.policy.Metrics;
import io.blockplane.policy.MetricsSource;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.RoutingWarmUp;
import io.blockplane.windows.MetricsDocument;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the balancer policies of all blocks share: the engine, the registry, the newest windows,
 * management calls, and the way into the log. Nothing of it exists until the first block binds a
 * policy of its own: then it is made on the loader, one thread that does such things in order.
 */
final class PolicyBalancers implements AutoCloseable {

    /** Of windows, before the end of each partition: the newest of each block is among these. */
    private static final long WINDOW_BACKLOG = 500;

    /** Ids of management calls that are remembered, so that none is made twice. */
    private static final int MAX_REMEMBERED = 10_000;

    /** How long a lane waits for its records to be durable before it goes on. */
    private static final Duration RECORD_LIMIT = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(PolicyBalancers.class);

    private final Kafka kafka;
    private final HttpAccess http;
    private final String executorId;
    private final String start;
    private final LogWriter writer;
    private final Clock clock;
    private final BiConsumer<ManagePolicy, String> manage;
    private final PolicyCatalogue catalogue = new PolicyCatalogue();
    private final Map<String, Metrics> newest = new ConcurrentHashMap<>();
    private final ExecutorService loader =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("balancer-loader").factory());

    /** Of the topics that balancers need; written on the loader. */
    private volatile List<LogTail> tails = List.of();

    // On the loader.
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private @Nullable PolicyEngine engine;

    /** On the tail of commands. */
    private final Set<String> managed = new LinkedHashSet<>();

    /**
     * Nothing is made yet.
     *
     * @param http where the policies may send requests
     * @param start tells this run of the executor from its others
     * @param manage takes a management call of a balancer with its command's id to the block
     */
    PolicyBalancers(
            Kafka kafka,
            HttpAccess http,
            String executorId,
            String start,
            LogWriter writer,
            Clock clock,
            BiConsumer<ManagePolicy, String> manage) {
        this.kafka = kafka;
        this.http = http;
        this.executorId = executorId;
        this.start = start;
        this.writer = writer;
        this.clock = clock;
        this.manage = manage;
    }

    String laneName(int number) {
        return executorId + "." + start + "." + number;
    }

    long nowMs() {
        return clock.millis();
    }

    /** What {@code get_metrics()} of a block's policy returns now. */
    MetricsSource metrics(String blockId) {
        return () -> newest.getOrDefault(blockId, Metrics.NONE);
    }

    /** Runs it on the loader, after what it was given before. */
    void later(Runnable task) {
        try {
            loader.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOG.atError().setCause(e).log("balancer policies: not loaded");
                }
            });
        } catch (RejectedExecutionException _) {
            // Closed.
        }
    }

    /** On the loader. The first call makes all there is. */
    PolicyCatalogue.Found find(String uri) {
        engine();
        return catalogue.find(uri);
    }

    /** On the loader. */
    PolicyEngine engine() {
        PolicyEngine made = engine;
        return made == null ? make() : made;
    }

    /**
     * Writes a lane's record and waits until it is durable: what follows on it must not be in the
     * log without it.
     */
    void record(PolicyDecided decided, @Nullable String causationId) {
        Envelope<PolicyDecided> envelope =
                new Envelope<>(
                        decided.id(),
                        "/executor/" + executorId,
                        decided.logicalTimeMs(),
                        null,
                        causationId,
                        decided);
        try {
            writer.append(envelope).get(RECORD_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.atError()
                    .addKeyValue("decision", decided.id())
                    .setCause(e)
                    .log("decision is not in the log: its lane can't be replayed from there on");
        }
    }

    /** Asks the control plane for something; a lost one is asked for again some time. */
    void command(Command command, String id) {
        var _ =
                writer.append(
                                new Envelope<>(
                                        id,
                                        "/executor/" + executorId,
                                        nowMs(),
                                        null,
                                        null,
                                        command))
                        .exceptionally(e -> {
                            LOG.atWarn()
                                    .addKeyValue("command", id)
                                    .setCause(e)
                                    .log("command is not in the log");
                            return null;
                        });
    }

    /** Why a tail stopped by itself; null while all run. */
    @Nullable RuntimeException failure() {
        return tails.stream()
                .map(LogTail::failure)
                .filter(failure -> failure != null)
                .findFirst()
                .orElse(null);
    }

    @Override
    public void close() {
        later(() -> {
            while (!parts.isEmpty()) {
                closePart(parts.pop());
            }
        });
        loader.shutdown();
        try {
            if (!loader.awaitTermination(RECORD_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.atWarn().log("balancer policies did not close in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private PolicyEngine make() {
        PolicyEngine made =
                PolicyEngine.create(new PolicyEngine.Options(PolicyEngine.Compilation.SOON, http));
        parts.push(made);
        engine = made;
        LogTail policies = LogTail.start(kafka, Topic.POLICIES, executorId, catalogue::apply);
        tails =
                List.of(
                        policies,
                        LogTail.start(
                                kafka, Topic.WINDOWS, WINDOW_BACKLOG, executorId, this::window),
                        LogTail.start(kafka, Topic.COMMANDS, 0, executorId, this::command));
        tails.forEach(parts::push);
        RoutingWarmUp.run(made);
        try {
            policies.awaitCaughtUp();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return made;
    }

    private void window(LogRecord<Event> record) {
        if (record.event() instanceof WindowClosed window) {
            newest.put(
                    window.blockId(),
                    new Metrics(
                            WindowClosed.id(window.blockId(), window.asOfMs()),
                            MetricsDocument.of(window)));
        }
    }

    private void command(LogRecord<Event> record) {
        if (record.event() instanceof ManagePolicy call
                && call.kind() == PolicyDecided.Kind.ROUTE
                && managed.add(record.envelope().id())) {
            if (managed.size() > MAX_REMEMBERED) {
                managed.remove(managed.iterator().next());
            }
            manage.accept(call, record.envelope().id());
        }
    }

    private static void closePart(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            LOG.atWarn().setCause(e).log("part of the balancer policies did not close in order");
        }
    }
}

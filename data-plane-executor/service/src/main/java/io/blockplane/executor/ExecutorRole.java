package io.blockplane.executor;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.Command.ManagePolicy;
import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import io.blockplane.executor.delivery.Deliverer;
import io.blockplane.executor.delivery.DeliveryMetrics;
import io.blockplane.executor.delivery.ResultsReader;
import io.blockplane.executor.resp.ExecutorRedis;
import io.blockplane.executor.transport.EventLoops;
import io.blockplane.executor.transport.GrpcTransport;
import io.blockplane.executor.transport.OpenAiTransport;
import io.blockplane.executor.transport.RedisTransport;
import io.blockplane.executor.transport.TasksInHand;
import io.blockplane.executor.transport.Transport;
import io.blockplane.executor.transport.Transports;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogTail;
import io.blockplane.log.LogWriter;
import io.prometheus.client.exporter.HTTPServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The executor: serves every block of the log over gRPC ({@code InferenceProxy/infer}, {@code
 * Prediction/Predict}), and writes what happens into the log. Needs the topics to exist. One start,
 * one close.
 *
 * <p>When it starts: any older executor of its id is fenced, the blocks are read from the log, what
 * was accepted and not finished goes on. When it closes: nothing new is taken, what instances have
 * in their hands is finished within the close limit, what only waits is left to whoever is next.
 */
public final class ExecutorRole implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ExecutorRole.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    /** Room for a million numbers in each millisecond since another run began. */
    private static final int MILLIS_SHIFT = 20;

    private final ExecutorConfig config;
    private final boolean predictEvents;
    private final Clock clock = Clock.systemUTC();

    /** What is to be closed, last started first. */
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    private volatile @Nullable Running running;

    /** Does nothing until it is started. */
    public ExecutorRole(ExecutorConfig config) {
        this(config, /* predictEvents= */ true);
    }

    private ExecutorRole(ExecutorConfig config, boolean predictEvents) {
        this.config = config;
        this.predictEvents = predictEvents;
    }

    /**
     * One that writes no event of a Predict call: for the benchmark, which asks what events cost.
     * Nothing can be explained or replayed of what it did.
     */
    public static ExecutorRole withoutPredictEvents(ExecutorConfig config) {
        return new ExecutorRole(config, /* predictEvents= */ false);
    }

    private record Running(
            LogTail tail,
            Blocks blocks,
            PolicyBalancers balancers,
            TaskLog taskLog,
            InferRunner runner,
            InboxReader reader,
            GrpcApi grpc,
            ResultsReader results,
            ExecutorRedis redis,
            Deliverer deliverer,
            HTTPServer metrics) {}

    /**
     * Serves when it returns.
     *
     * @throws IOException when a port can't be had
     * @throws IllegalStateException when the log can't be read, or it was started before
     */
    public void start() throws IOException, InterruptedException {
        if (running != null || !parts.isEmpty()) {
            throw new IllegalStateException("executor " + config.executorId() + " was started");
        }
        try {
            running = build();
        } catch (IOException | InterruptedException | RuntimeException e) {
            closeParts();
            throw e;
        }
        LOG.atInfo()
                .addKeyValue("executorId", config.executorId())
                .addKeyValue("grpcPort", grpcPort())
                .addKeyValue("metricsPort", metricsPort())
                .addKeyValue("redisPort", redisPort())
                .log("executor serves");
    }

    /** The port of gRPC. */
    public int grpcPort() {
        return started().grpc().port();
    }

    /** The port of what AIOSv1 knows as the executor's Redis. */
    public int redisPort() {
        return started().redis().port();
    }

    /** The port of the Prometheus endpoint. */
    public int metricsPort() {
        return started().metrics().getPort();
    }

    /**
     * Why a part of it stopped by itself, so that it should be restarted; null while all is well,
     * and before the start.
     */
    public @Nullable RuntimeException failure() {
        Running now = running;
        if (now == null) {
            return null;
        }
        return Stream.of(
                        now.tail().failure(),
                        now.balancers().failure(),
                        now.taskLog().failure(),
                        now.reader().failure(),
                        now.deliverer().failure())
                .filter(failure -> failure != null)
                .findFirst()
                .orElse(null);
    }

    @Override
    public void close() {
        Running now = running;
        if (now != null) {
            finish(now);
        }
        closeParts();
    }

    private Running started() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("executor " + config.executorId() + " is not started");
        }
        return now;
    }

    private Running build() throws IOException, InterruptedException {
        String executorId = config.executorId();
        String source = "/executor/" + executorId;
        String incarnation = Long.toString(clock.millis());
        ExecutorMetrics metrics = new ExecutorMetrics();
        GroupMembership membership = new GroupMembership();

        EventLoops loops = part(new EventLoops(Runtime.getRuntime().availableProcessors()));
        LogWriter writer = part(new LogWriter(config.kafka(), executorId));
        Prober prober = part(new Prober(config, incarnation, writer, metrics, clock));
        AtomicReference<@Nullable Blocks> known = new AtomicReference<>();
        PolicyBalancers balancers =
                part(
                        new PolicyBalancers(
                                config.kafka(),
                                config.http(),
                                executorId,
                                incarnation,
                                writer,
                                clock,
                                (call, id) -> manage(known.get(), call, id)));
        TasksInHand inHand = part(new TasksInHand(clock.millis() << MILLIS_SHIFT));
        Transport.Factory transports =
                Transports.of(
                        Map.of(
                                GrpcTransport.NAME,
                                GrpcTransport.on(loops),
                                OpenAiTransport.NAME,
                                OpenAiTransport::open,
                                RedisTransport.NAME,
                                RedisTransport.with(inHand)));
        AtomicReference<@Nullable TaskLog> log = new AtomicReference<>();
        Function<String, RouterWatch> watches =
                id ->
                        new BlockWatch(
                                id,
                                executorId,
                                incarnation,
                                Objects.requireNonNull(log.get(), "blocks come from the tail"),
                                metrics);
        Blocks blocks =
                part(
                        new Blocks(
                                spec -> block(spec, transports, balancers, watches),
                                prober::watch));
        known.set(blocks);
        // Before anything is read: what an older executor of this id still wrote is decided then.
        TaskLog taskLog =
                part(TaskLog.start(config.kafka(), executorId, membership, clock, metrics));
        log.set(taskLog);
        if (!predictEvents) {
            taskLog.leaveOutPredictEvents();
        }
        LogTail tail =
                part(
                        LogTail.start(
                                config.kafka(),
                                Topic.EVENTS,
                                executorId,
                                record -> blocks.apply(blockEvent(record))));
        tail.awaitCaughtUp();

        ExecutorService policyThreads = part(Executors.newVirtualThreadPerTaskExecutor());
        InferRunner runner =
                part(
                        new InferRunner(
                                blocks,
                                taskLog,
                                metrics,
                                clock,
                                policyThreads,
                                source,
                                config.attemptLimit()));
        InboxReader reader =
                part(
                        InboxReader.start(
                                config.kafka(), executorId, membership, taskLog, runner::run));
        part(DrainReporter.start(blocks, writer, clock, executorId, config.kafka()));
        part(Ticker.start(blocks, b -> queued(reader, b), taskLog, clock, executorId));
        metrics.watch(blocks, b -> queued(reader, b));

        InboxWriter inbox = part(new InboxWriter(config.kafka(), executorId, incarnation, clock));
        RequestReader requests = new RequestReader(blocks);
        PredictService predict =
                new PredictService(
                        requests,
                        taskLog,
                        clock,
                        policyThreads,
                        executorId,
                        incarnation,
                        config.attemptLimit());
        ResultsReader results = new ResultsReader(config.kafka(), executorId);
        GrpcApi grpc =
                part(
                        GrpcApi.start(
                                new InetSocketAddress(config.bindAddress(), config.grpcPort()),
                                loops,
                                new InferService(requests, inbox, metrics),
                                predict,
                                new ResultsService(requests, results),
                                metrics));
        ExecutorRedis redis =
                part(
                        ExecutorRedis.start(
                                new InetSocketAddress(config.bindAddress(), config.redisPort()),
                                new RedisIntake(
                                        blocks,
                                        requests,
                                        inbox,
                                        taskLog,
                                        metrics,
                                        executorId,
                                        incarnation),
                                inHand));
        Deliverer deliverer =
                part(
                        Deliverer.start(
                                config.kafka(),
                                executorId,
                                writer,
                                clock,
                                config.delivery(),
                                new DeliveryMetrics(metrics.registry(), inHand::unmatched)));
        HTTPServer metricsServer =
                part(
                        new HTTPServer.Builder()
                                .withInetSocketAddress(
                                        new InetSocketAddress(
                                                config.bindAddress(), config.metricsPort()))
                                .withRegistry(metrics.registry())
                                .withDaemonThreads(true)
                                .build());
        return new Running(
                tail,
                blocks,
                balancers,
                taskLog,
                runner,
                reader,
                grpc,
                results,
                redis,
                deliverer,
                metricsServer);
    }

    private static void manage(@Nullable Blocks blocks, ManagePolicy call, String commandId) {
        Block block = blocks == null ? null : blocks.find(call.blockId());
        if (block != null) {
            block.balancer().manage(call, commandId);
        }
    }

    private Block block(
            BlockSpec spec,
            Transport.Factory transports,
            PolicyBalancers balancers,
            Function<String, RouterWatch> watches) {
        return new Block(
                spec,
                new Router(
                        spec.blockId(),
                        transports,
                        config.inferPerInstance(),
                        watches.apply(spec.blockId())),
                new PolicyRouting(spec.blockId(), balancers));
    }

    private static BlockEvent blockEvent(LogRecord<Event> record) {
        if (record.event() instanceof BlockEvent event) {
            return event;
        }
        throw new IllegalStateException(record.event().getClass() + " in " + record.topic());
    }

    /** Read from the inbox and not with an instance. */
    private static int queued(InboxReader reader, Block block) {
        return Math.max(0, reader.tasksOf(block.id()) - block.router().inferOutstanding());
    }

    /** Lets what instances have in their hands come to its end. */
    private void finish(Running now) {
        long deadline = System.nanoTime() + config.closeLimit().toNanos();
        now.grpc().stopTaking();
        now.results().stop();
        now.reader().stopStarting();
        now.runner().stopRetrying();
        now.blocks().all().forEach(block -> block.router().stopWaiting());
        try {
            if (!now.grpc().awaitDone(config.closeLimit())) {
                LOG.atWarn()
                        .addKeyValue("limit", config.closeLimit())
                        .log("calls did not end in time and are cut off");
            }
            while (outstanding(now) > 0 && System.nanoTime() < deadline) {
                Thread.sleep(LOOK_EVERY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // While the reader is still in its group: the endings are committed as its member.
        now.taskLog().close();
    }

    private static int outstanding(Running now) {
        return now.blocks().all().stream().mapToInt(b -> b.router().inferOutstanding()).sum();
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    private void closeParts() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                LOG.atWarn()
                        .addKeyValue("part", part.getClass().getSimpleName())
                        .setCause(e)
                        .log("part did not close in order");
            }
        }
    }
}

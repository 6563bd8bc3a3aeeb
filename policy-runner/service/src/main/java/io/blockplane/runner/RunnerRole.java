package io.blockplane.runner;

import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogTail;
import io.blockplane.log.RecordCodec;
import io.blockplane.policy.PolicyEngine;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy runner. It leads from {@link #start} on: an older one's decisions can't enter the log
 * any more. It decides on windows that close while it leads; what closed before has been decided on
 * by its predecessor or is superseded by the next window, a second later.
 */
public final class RunnerRole implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunnerRole.class);
    private static final Duration POLL = Duration.ofMillis(200);

    private final RunnerConfig config;
    private final PolicyEngine engine;
    private final BlockView blocks = new BlockView();
    private final PolicyCatalogue policies = new PolicyCatalogue();
    private final DecisionWriter writer;
    private final KafkaConsumer<String, byte[]> windows;
    private final Thread reader;
    private final Map<String, BlockLane> lanes = new ConcurrentHashMap<>();
    private volatile @Nullable LogTail blockTail;
    private volatile @Nullable LogTail policyTail;
    private @Nullable DecisionHistory history;
    private volatile boolean closing;
    private volatile @Nullable Throwable failure;

    /**
     * Prepares.
     *
     * @param engine closed by its owner, after this
     */
    public RunnerRole(RunnerConfig config, PolicyEngine engine) {
        this.config = config;
        this.engine = engine;
        this.writer = new DecisionWriter(config.kafka());
        this.windows = config.kafka().consumer(config.runnerId() + "-windows");
        this.reader = Thread.ofPlatform().name("runner-windows").unstarted(this::read);
    }

    /** Returns when it leads and has read what the log holds. Called once. */
    public void start() throws InterruptedException {
        String client = config.runnerId();
        LogTail blockEvents = LogTail.start(config.kafka(), Topic.EVENTS, client, blocks::apply);
        blockTail = blockEvents;
        LogTail policyEvents =
                LogTail.start(config.kafka(), Topic.POLICIES, client, policies::apply);
        policyTail = policyEvents;
        writer.start();
        // Only now: nothing can be added by an older runner any more.
        history = DecisionHistory.read(config.kafka());
        blockEvents.awaitCaughtUp();
        policyEvents.awaitCaughtUp();
        List<TopicPartition> partitions =
                windows.partitionsFor(Topic.WINDOWS.topicName()).stream()
                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                        .toList();
        windows.assign(partitions);
        windows.seekToEnd(partitions);
        partitions.forEach(windows::position);
        reader.start();
        LOG.atInfo().addKeyValue("runnerId", config.runnerId()).log("policy runner leads");
    }

    /** Why it stopped deciding by itself, for a block or for all; null while all is well. */
    public @Nullable Throwable failure() {
        return Stream.concat(
                        Stream.of(
                                Optional.<Throwable>ofNullable(failure),
                                Optional.<Throwable>ofNullable(writer.failure()),
                                failure(blockTail),
                                failure(policyTail)),
                        lanes.values().stream().map(lane -> Optional.ofNullable(lane.failure())))
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(null);
    }

    private static Optional<Throwable> failure(@Nullable LogTail tail) {
        return Optional.ofNullable(tail).map(LogTail::failure);
    }

    @Override
    public void close() {
        closing = true;
        windows.wakeup();
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        lanes.values().forEach(BlockLane::close);
        writer.close();
        closeTail(blockTail);
        closeTail(policyTail);
    }

    private static void closeTail(@Nullable LogTail tail) {
        if (tail != null) {
            tail.close();
        }
    }

    private void read() {
        try (windows) {
            while (!closing) {
                for (ConsumerRecord<String, byte[]> record : windows.poll(POLL)) {
                    offer(record);
                }
            }
        } catch (WakeupException e) {
            // Only close wakes it up.
        } catch (RuntimeException e) {
            failure = e;
            LOG.atError().setCause(e).log("policy runner stopped reading windows");
        }
    }

    private void offer(ConsumerRecord<String, byte[]> record) {
        LogRecord<Event> decoded = RecordCodec.decode(Topic.WINDOWS, record);
        if (decoded.event() instanceof WindowClosed window) {
            lanes.computeIfAbsent(window.blockId(), this::lane).offer(window);
        }
    }

    private BlockLane lane(String blockId) {
        DecisionHistory recorded = history;
        return BlockLane.start(
                blockId,
                new BlockLane.Surroundings(
                        config.kafka(),
                        "/policy-runner/" + config.runnerId(),
                        engine,
                        blocks,
                        policies,
                        writer),
                recorded == null ? DecisionHistory.OfBlock.NONE : recorded.ofBlock(blockId));
    }
}

package io.blockplane.log;

import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a topic from its beginning (or from near its end), all partitions, committed records
 * only, and hands every event to a handler on one thread: how a role keeps its view of the log. A
 * record that can't be read, or a handler that throws, stops the tail: the view would be wrong from
 * there on. {@link #failure} and the log say where.
 */
public final class LogTail implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogTail.class);
    private static final Duration POLL = Duration.ofMillis(500);

    /** From the topic's beginning. */
    private static final long ALL = Long.MAX_VALUE;

    private final Topic topic;
    private final long backlog;
    private final KafkaConsumer<String, byte[]> consumer;
    private final Consumer<LogRecord<Event>> handler;
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean closing;
    private volatile @Nullable RuntimeException failure;

    private LogTail(
            Kafka kafka,
            Topic topic,
            long backlog,
            String clientId,
            Consumer<LogRecord<Event>> handler) {
        this.topic = topic;
        this.backlog = backlog;
        this.handler = handler;
        this.consumer = kafka.consumer(clientId + "-" + topic.topicName());
        this.thread =
                Thread.ofPlatform().daemon().name("tail-" + topic.topicName()).unstarted(this::run);
    }

    /** Starts following; the handler is called on the tail's thread only. */
    public static LogTail start(
            Kafka kafka, Topic topic, String clientId, Consumer<LogRecord<Event>> handler) {
        return start(kafka, topic, ALL, clientId, handler);
    }

    /**
     * As {@link #start(Kafka, Topic, String, Consumer)} for a role that needs the newest events
     * only.
     *
     * @param backlog offsets before the end of each partition to begin with, at least 0
     */
    public static LogTail start(
            Kafka kafka,
            Topic topic,
            long backlog,
            String clientId,
            Consumer<LogRecord<Event>> handler) {
        LogTail tail = new LogTail(kafka, topic, backlog, clientId, handler);
        tail.thread.start();
        return tail;
    }

    /**
     * Waits until everything that stood in the topic when the tail started has been handled.
     *
     * @throws IllegalStateException when the tail stopped before
     */
    public void awaitCaughtUp() throws InterruptedException {
        caughtUp.await();
        RuntimeException failed = failure;
        if (failed != null) {
            throw new IllegalStateException("tail of " + topic.topicName() + " stopped", failed);
        }
    }

    /** Why the tail stopped by itself; null while it runs and after a close. */
    public @Nullable RuntimeException failure() {
        return failure;
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (consumer) {
            follow();
        } catch (WakeupException e) {
            if (!closing) {
                throw e;
            }
        } catch (RuntimeException e) {
            failure = e;
            LOG.atError()
                    .addKeyValue("topic", topic.topicName())
                    .setCause(e)
                    .log("tail stopped: this role's view of the log ends here");
        } finally {
            caughtUp.countDown();
        }
    }

    private void follow() {
        List<TopicPartition> partitions =
                consumer.partitionsFor(topic.topicName()).stream()
                        .map(p -> new TopicPartition(topic.topicName(), p.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> target = new HashMap<>(consumer.endOffsets(partitions));
        if (backlog != ALL) {
            Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions);
            target.forEach((partition, end) ->
                    consumer.seek(
                            partition, Math.max(first.getOrDefault(partition, 0L), end - backlog)));
        }
        while (!closing) {
            if (caughtUp.getCount() > 0) {
                target.entrySet().removeIf(e -> consumer.position(e.getKey()) >= e.getValue());
                if (target.isEmpty()) {
                    caughtUp.countDown();
                }
            }
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                handle(record);
            }
        }
    }

    private void handle(ConsumerRecord<String, byte[]> record) {
        try {
            handler.accept(RecordCodec.decode(topic, record));
        } catch (RuntimeException e) {
            throw new IllegalStateException(
                    "%s-%d@%d: %s"
                            .formatted(
                                    record.topic(),
                                    record.partition(),
                                    record.offset(),
                                    e.getMessage()),
                    e);
        }
    }
}

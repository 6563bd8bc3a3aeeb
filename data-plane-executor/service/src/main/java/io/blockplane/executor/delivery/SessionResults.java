package io.blockplane.executor.delivery;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.blockplane.events.Event;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * The ends of the infer packets of one session of one block, in their order, from the log: which
 * tasks ended stands in the block's partition of {@code blockplane.tasks}, and the outputs of those
 * that completed in the session's partition of {@code blockplane.outputs}, in the same order.
 * Belongs to one thread.
 *
 * <p>What it costs: a consumer with two partitions. All that stands in them from the beginning
 * asked for is fetched, also what is of other sessions; only what is of this one is parsed.
 */
final class SessionResults implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);

    /** Ends or outputs that wait for their other half; then that topic is not read on. */
    private static final int MAX_WAITING = 256;

    private final KafkaConsumer<String, byte[]> consumer;
    private final String blockId;
    private final String sessionId;
    private final TopicPartition tasks;
    private final TopicPartition outputs;
    private final Deque<End> ends = new ArrayDeque<>();
    private final Deque<Output> waiting = new ArrayDeque<>();

    /** Everything before these is done with. */
    private Position done;

    private SessionResults(
            KafkaConsumer<String, byte[]> consumer,
            String blockId,
            String sessionId,
            TopicPartition tasks,
            TopicPartition outputs,
            Position begin) {
        this.consumer = consumer;
        this.blockId = blockId;
        this.sessionId = sessionId;
        this.tasks = tasks;
        this.outputs = outputs;
        this.done = begin;
    }

    /**
     * Where a reader stands: offsets to read from.
     *
     * @param tasks in the block's partition
     * @param outputs in the session's
     */
    record Position(long tasks, long outputs) {

        String token() {
            return tasks + "." + outputs;
        }

        /** Empty when it is none of ours. */
        static Optional<Position> of(String token) {
            String[] parts = token.split("\\.", -1);
            try {
                Position position =
                        parts.length == 2
                                ? new Position(Long.parseLong(parts[0]), Long.parseLong(parts[1]))
                                : new Position(-1, -1);
                return position.tasks < 0 || position.outputs < 0
                        ? Optional.empty()
                        : Optional.of(position);
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        }
    }

    /**
     * How one packet ended.
     *
     * @param packet the result's bytes; absent when it did not complete
     * @param next where to go on
     */
    record Ended(TaskFinished task, @Nullable ByteString packet, Position next) {}

    private record End(long offset, TaskFinished task) {}

    private static final class Output {

        private final long offset;
        private final String taskEventId;
        private final ByteString packet;

        private Output(long offset, String taskEventId, ByteString packet) {
            this.offset = offset;
            this.taskEventId = taskEventId;
            this.packet = packet;
        }
    }

    /**
     * Opens it at a position.
     *
     * @param from null: the end as of now
     */
    static SessionResults open(
            Kafka kafka,
            String clientId,
            String blockId,
            String sessionId,
            @Nullable Position from) {
        KafkaConsumer<String, byte[]> consumer = kafka.consumer(clientId);
        try {
            TopicPartition tasks = partition(consumer, Topic.TASKS, blockId);
            TopicPartition outputs = partition(consumer, Topic.OUTPUTS, sessionId);
            consumer.assign(List.of(tasks, outputs));
            // Outputs first: an end that is after must not have its output before.
            long lastOutput = end(consumer, outputs);
            Position begin = from == null ? new Position(end(consumer, tasks), lastOutput) : from;
            consumer.seek(tasks, begin.tasks());
            consumer.seek(outputs, begin.outputs());
            return new SessionResults(consumer, blockId, sessionId, tasks, outputs, begin);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** Where the log ends now. */
    long lastTask() {
        return end(consumer, tasks);
    }

    /** True when all ends before this offset were given out. */
    boolean caughtUp(long lastTask) {
        return ends.isEmpty() && consumer.position(tasks) >= lastTask;
    }

    /** The next end; null when there is none for a moment. */
    @Nullable Ended next() {
        Ended ready = ready();
        if (ready != null) {
            return ready;
        }
        hold(tasks, ends.size());
        hold(outputs, waiting.size());
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
            if (record.topic().equals(tasks.topic())) {
                task(record);
            } else {
                output(record);
            }
        }
        return ready();
    }

    @Override
    public void close() {
        consumer.close();
    }

    private @Nullable Ended ready() {
        End end = ends.peek();
        if (end == null) {
            return null;
        }
        if (end.task.outcome() != Outcome.COMPLETED) {
            ends.remove();
            done = new Position(end.offset + 1, done.outputs());
            return new Ended(end.task, null, done);
        }
        String eventId = "task-" + end.task.taskId();
        Output output = waiting.poll();
        while (output != null && !output.taskEventId.equals(eventId)) {
            // Of an end before the one that was begun with.
            output = waiting.poll();
        }
        if (output == null) {
            return null;
        }
        ends.remove();
        done = new Position(end.offset + 1, output.offset + 1);
        return new Ended(end.task, output.packet, done);
    }

    private void hold(TopicPartition partition, int waits) {
        if (waits >= MAX_WAITING) {
            consumer.pause(List.of(partition));
        } else {
            consumer.resume(List.of(partition));
        }
    }

    private void task(ConsumerRecord<String, byte[]> record) {
        String correlation = RecordCodec.text(record, "ce_correlationid");
        if (!blockId.equals(record.key())
                || correlation == null
                || !correlation.startsWith(sessionId + "/")) {
            return;
        }
        Event event = RecordCodec.decode(Topic.TASKS, record).event();
        if (event instanceof TaskFinished task
                && task.entry() == Entry.INFER
                && task.sessionId().equals(sessionId)) {
            ends.add(new End(record.offset(), task));
        }
    }

    private void output(ConsumerRecord<String, byte[]> record) {
        String taskEventId = RecordCodec.text(record, "ce_causationid");
        if (sessionId.equals(record.key())
                && blockId.equals(RecordCodec.text(record, "ce_subject"))
                && taskEventId != null) {
            waiting.add(
                    new Output(
                            record.offset(),
                            taskEventId,
                            UnsafeByteOperations.unsafeWrap(record.value())));
        }
    }

    private static long end(KafkaConsumer<String, byte[]> consumer, TopicPartition partition) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(List.of(partition));
        return ends.getOrDefault(partition, 0L);
    }

    /** As Kafka's producer chooses it. */
    private static TopicPartition partition(
            KafkaConsumer<String, byte[]> consumer, Topic topic, String key) {
        int count = consumer.partitionsFor(topic.topicName()).size();
        int hash = Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8)));
        return new TopicPartition(topic.topicName(), hash % count);
    }
}

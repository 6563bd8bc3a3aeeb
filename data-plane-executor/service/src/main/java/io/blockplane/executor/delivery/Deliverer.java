package io.blockplane.executor.delivery;

import com.google.protobuf.InvalidProtocolBufferException;
import io.blockplane.events.Topic;
import io.blockplane.executor.core.InboxProgress;
import io.blockplane.executor.core.InboxProgress.Committed;
import io.blockplane.executor.packet.PacketRecords;
import io.blockplane.log.GroupReading;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogWriter;
import io.blockplane.log.RecordCodec;
import io.blockplane.proto.aios.AIOSPacket;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers results to the destinations of their packets, at least once, from {@code
 * blockplane.outputs}: a result got there in one transaction with the end of its task, and its
 * offset is committed when every destination has it or a dead letter says why not. So a killed
 * executor loses none, and delivers again what it had not committed.
 *
 * <p>One thread reads, one lane per endpoint sends. Results of one session to one destination keep
 * their order.
 */
public final class Deliverer implements AutoCloseable {

    /** Of all executors of a log. */
    static final String GROUP = "blockplane-deliveries";

    /** Bytes of results that are not delivered, over all partitions. */
    static final long MAX_OPEN_BYTES = 128L * 1024 * 1024;

    /** Endpoints at once; a result for one more is dead lettered. */
    static final int MAX_LANES = 1024;

    private static final Logger LOG = LoggerFactory.getLogger(Deliverer.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration COMMIT_EVERY = Duration.ofMillis(500);

    /** Before the next look while no result goes anywhere: many are fetched at once then. */
    private static final Duration PAUSE = Duration.ofMillis(10);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
    private static final int ROOM_TO_RESUME = InboxProgress.MAX_OPEN / 4;

    private final KafkaConsumer<String, byte[]> consumer;
    private final DeadLetters letters;
    private final DeliveryLimits limits;
    private final DeliveryMetrics metrics;
    private final Thread thread;

    /** Buries what has no lane: that takes as long as Kafka is away, and reading goes on. */
    private final ExecutorService burials =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("bury").factory());

    // The reader's thread alone.
    private final Map<TopicPartition, OpenDeliveries> partitions = new HashMap<>();
    private final Map<String, Lane> lanes = new HashMap<>();
    private long committedNanos = System.nanoTime();

    private volatile boolean closing;
    private volatile @Nullable RuntimeException failure;

    private Deliverer(
            Kafka kafka,
            String executorId,
            LogWriter letters,
            Clock clock,
            DeliveryLimits limits,
            DeliveryMetrics metrics) {
        this.consumer = kafka.groupConsumer(GROUP, executorId);
        this.letters = new DeadLetterLog(letters, "/executor/" + executorId, clock);
        this.limits = limits;
        this.metrics = metrics;
        this.thread = Thread.ofPlatform().daemon().name("deliverer").unstarted(this::run);
    }

    /** Delivers what was not delivered, and what comes. */
    public static Deliverer start(
            Kafka kafka,
            String executorId,
            LogWriter letters,
            Clock clock,
            DeliveryLimits limits,
            DeliveryMetrics metrics) {
        Deliverer deliverer = new Deliverer(kafka, executorId, letters, clock, limits, metrics);
        deliverer.thread.start();
        return deliverer;
    }

    /** Why it stopped by itself; null while it runs. */
    public @Nullable RuntimeException failure() {
        return failure;
    }

    /** What is on its way is delivered again by whoever comes next. */
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
        try {
            consumer.subscribe(List.of(Topic.OUTPUTS.topicName()), new Rebalance());
            while (!closing) {
                ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
                for (TopicPartition partition : records.partitions()) {
                    admit(partition, records.records(partition));
                }
                holdBack();
                if (System.nanoTime() - committedNanos > COMMIT_EVERY.toNanos()) {
                    commit();
                    lanes.values().removeIf(Lane::ended);
                }
                if (!records.isEmpty() && lanes.isEmpty()) {
                    LockSupport.parkNanos(PAUSE.toNanos());
                }
            }
        } catch (WakeupException e) {
            // Only a close wakes it up.
        } catch (RuntimeException e) {
            failure = e;
            LOG.atError().setCause(e).log("deliverer stopped: no result is delivered from here on");
        } finally {
            end();
        }
    }

    private void end() {
        lanes.values().forEach(Lane::close);
        burials.shutdownNow();
        try {
            if (failure == null) {
                commitLast(changed());
            }
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("last deliveries not committed");
        } finally {
            GroupReading.leave(consumer, CLOSE_LIMIT);
        }
    }

    private void commitLast(Map<TopicPartition, OffsetAndMetadata> offsets) {
        try {
            commit(offsets);
        } catch (WakeupException e) {
            // Of a close that came after the last poll; it wakes once.
            commit(offsets);
        }
    }

    private void admit(TopicPartition partition, List<ConsumerRecord<String, byte[]>> records) {
        OpenDeliveries open = openOf(partition);
        for (ConsumerRecord<String, byte[]> record : records) {
            if (open.room() == 0 || openBytes() > MAX_OPEN_BYTES) {
                consumer.seek(partition, record.offset());
                consumer.pause(Set.of(partition));
                return;
            }
            if (open.read(record.offset(), record.value().length)) {
                begin(open, record);
            }
        }
    }

    private void begin(OpenDeliveries open, ConsumerRecord<String, byte[]> record) {
        List<Destination> destinations =
                RecordCodec.text(record, PacketRecords.DELIVER) == null
                        ? List.of()
                        : destinations(record);
        Runnable done = () -> open.finish(record.offset(), record.value().length);
        if (destinations.isEmpty()) {
            done.run();
            return;
        }
        Delivery delivery =
                new Delivery(
                        record.partition(),
                        record.offset(),
                        record.key(),
                        record.value(),
                        destinations.size(),
                        open::live,
                        done);
        for (int i = 0; i < destinations.size(); i++) {
            hand(new Delivery.Part(delivery, i, destinations.get(i)));
        }
    }

    /** They were checked when the packet was accepted: what can't be read now is nobody's. */
    private static List<Destination> destinations(ConsumerRecord<String, byte[]> record) {
        try {
            String blockId = RecordCodec.text(record, "ce_subject");
            return switch (OutputPtr.read(
                    AIOSPacket.parseFrom(record.value()).getOutputPtr(),
                    "output_ptr",
                    blockId == null ? "" : blockId)) {
                case OutputPtr.Reading.To(List<Destination> all) -> all;
                case OutputPtr.Reading.Invalid(String message) -> unreadable(record, message);
            };
        } catch (InvalidProtocolBufferException e) {
            return unreadable(record, String.valueOf(e.getMessage()));
        }
    }

    private static List<Destination> unreadable(ConsumerRecord<?, ?> record, String why) {
        LOG.atError()
                .addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset())
                .addKeyValue("error", why)
                .log("result without readable destinations; delivered nowhere");
        return List.of();
    }

    private void hand(Delivery.Part part) {
        String key = Lane.key(part);
        Lane lane = lanes.get(key);
        if (lane != null && lane.offer(part)) {
            return;
        }
        lanes.values().removeIf(Lane::ended);
        if (lanes.size() >= MAX_LANES) {
            refuse(part, MAX_LANES + " destinations are in use (expected: fewer)");
            return;
        }
        Sender sender;
        try {
            sender = sender(part.destination());
        } catch (RuntimeException e) {
            // One destination that can't be one must not stop those that can.
            refuse(part, "no way to it: " + e.getMessage());
            return;
        }
        Lane fresh = Lane.start(key, sender, limits, letters, metrics);
        lanes.put(key, fresh);
        if (!fresh.offer(part)) {
            throw new IllegalStateException("a lane that just began has ended: " + key);
        }
    }

    private void refuse(Delivery.Part part, String reason) {
        burials.execute(() -> {
            try {
                if (part.delivery().live()) {
                    letters.bury(part, 0, reason);
                }
                part.end();
            } catch (InterruptedException e) {
                // Closed: whoever comes next finds it again.
                Thread.currentThread().interrupt();
            }
        });
    }

    private static Sender sender(Destination destination) {
        return switch (destination) {
            case Destination.RedisList list -> new RedisSender(list.host(), list.port());
            case Destination.Block block -> new GrpcSender(block.target());
        };
    }

    private OpenDeliveries openOf(TopicPartition partition) {
        OpenDeliveries known = partitions.get(partition);
        if (known != null) {
            return known;
        }
        OffsetAndMetadata committed = GroupReading.committed(consumer, partition);
        InboxProgress progress =
                committed == null
                        ? InboxProgress.fresh()
                        : InboxProgress.resume(
                                new Committed(committed.offset(), committed.metadata()));
        OpenDeliveries taken = new OpenDeliveries(progress);
        partitions.put(partition, taken);
        return taken;
    }

    private void commit() {
        committedNanos = System.nanoTime();
        commit(changed());
    }

    private Map<TopicPartition, OffsetAndMetadata> changed() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        partitions.forEach((partition, open) -> {
            OffsetAndMetadata commit = open.commit();
            if (commit != null) {
                offsets.put(partition, commit);
            }
        });
        return offsets;
    }

    private void commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
        if (offsets.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(offsets, CLOSE_LIMIT);
        } catch (FencedInstanceIdException | WakeupException e) {
            throw e;
        } catch (KafkaException e) {
            // What is delivered and not committed is delivered again after a crash; no more.
            LOG.atWarn().addKeyValue("error", e.toString()).log("deliveries not committed");
        }
    }

    private long openBytes() {
        return partitions.values().stream().mapToLong(OpenDeliveries::bytes).sum();
    }

    /** Reads only partitions that have room; one that is not begun has it. */
    private void holdBack() {
        GroupReading.holdBack(
                consumer,
                openBytes() > MAX_OPEN_BYTES,
                partition -> {
                    OpenDeliveries known = partitions.get(partition);
                    return known == null ? Integer.MAX_VALUE : known.room();
                },
                ROOM_TO_RESUME);
    }

    /** Called inside poll, on the reader's thread. */
    private final class Rebalance implements ConsumerRebalanceListener {

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            LOG.atInfo().addKeyValue("partitions", assigned).log("output partitions assigned");
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            commit();
            drop(revoked);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> lost) {
            drop(lost);
        }

        private void drop(Collection<TopicPartition> gone) {
            for (TopicPartition partition : gone) {
                OpenDeliveries open = partitions.remove(partition);
                if (open != null) {
                    open.close();
                }
            }
        }
    }
}

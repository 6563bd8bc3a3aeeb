package io.blockplane.log;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** How every role talks to Kafka: one place for the client settings, each with its reason. */
public record Kafka(String bootstrapServers) {

    /** The largest record, bytes: an archive of the size limit in base64 with room to spare. */
    public static final int MAX_RECORD_BYTES = 16 * 1024 * 1024;

    private static final int BATCH_BYTES = 128 * 1024;

    public Admin admin() {
        return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    /**
     * Durable and idempotent: a send is answered when all in-sync replicas have it, and never
     * doubles.
     */
    public KafkaProducer<String, byte[]> producer(String clientId) {
        return new KafkaProducer<>(
                producerConfig(clientId), new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * As {@link #producer(String)}, for a caller whose own caller waits: a record that is not
     * durable within the limit fails.
     */
    public KafkaProducer<String, byte[]> producer(String clientId, Duration deliveryLimit) {
        int limitMs = Math.toIntExact(deliveryLimit.toMillis());
        Map<String, Object> config = producerConfig(clientId);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, limitMs);
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, limitMs);
        // A lost answer is noticed in time to ask again.
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, limitMs / 2);
        // While one request is under way the next batch grows: fewer requests at the same speed.
        config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        // Packets of clients, read once, soon: batches are small, and what zstd sets up for each
        // costs more than it saves.
        config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * As {@link #producer(String)}, in transactions. Starting one with an id fences any older one
     * with the same id. The caller calls {@code initTransactions()}.
     */
    public KafkaProducer<String, byte[]> transactionalProducer(String transactionalId) {
        Map<String, Object> config = producerConfig(transactionalId);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        // A killed writer's open transaction holds readers up for this long at the most, unless it
        // comes back sooner.
        config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 10_000);
        // The commit sends what is there: until then one batch grows instead of many going out.
        config.put(ProducerConfig.LINGER_MS_CONFIG, 50);
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    /** Reads committed records only, from partitions that the caller assigns. */
    public KafkaConsumer<String, byte[]> consumer(String clientId) {
        return new KafkaConsumer<>(
                consumerConfig(clientId), new StringDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * A member of a group. The member id is static, so that a process that was killed takes its
     * partitions back in seconds when it is started again, without waiting for a session to time
     * out. One whose partitions others can take leaves by {@link GroupReading#leave} when it stops
     * in order.
     */
    public KafkaConsumer<String, byte[]> groupConsumer(String groupId, String memberId) {
        Map<String, Object> config = consumerConfig(memberId);
        config.put(ConsumerConfig.GROUP_ID_CONFIG, groupId);
        config.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, memberId);
        return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private Map<String, Object> producerConfig(String clientId) {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        config.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // Answers wait for these records; batches form by themselves under load.
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        // What is ready goes as one batch: each is compressed, sent and appended by itself.
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        // Batches are small: the tables of higher levels take longer to set up than to use.
        config.put(ProducerConfig.COMPRESSION_ZSTD_LEVEL_CONFIG, 1);
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_RECORD_BYTES);
        return config;
    }

    private Map<String, Object> consumerConfig(String clientId) {
        Map<String, Object> config = new HashMap<>();
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        config.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
        return config;
    }
}

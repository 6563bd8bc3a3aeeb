package io.blockplane.windows.topology;

import io.blockplane.log.Kafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Settings of the windows role.
 *
 * @param stateDir belongs to this member alone and is kept across restarts
 * @param memberId unique among the running members and the same after a restart: a member that
 *     comes back takes its partitions over at once and ends what its predecessor left open
 */
public record WindowsConfig(Kafka kafka, Path stateDir, String memberId) {

    /** The group, and the prefix of the changelog topic and of transactional ids. */
    public static final String APPLICATION_ID = "blockplane-windows";

    /** A window is to be seen within a fraction of a second of the event that closed it. */
    private static final Duration COMMIT_INTERVAL = Duration.ofMillis(50);

    /** How long an idle thread waits for records before it looks whether a commit is due. */
    private static final Duration POLL = Duration.ofMillis(20);

    /** How long Kafka may be away or refuse before the role gives up, visibly. */
    private static final Duration TROUBLE_LIMIT = Duration.ofMinutes(5);

    /** Kafka counts small entries short: with 64 MB the heap grew by ten times as much. */
    private static final long CACHE_BYTES = 4L * 1024 * 1024;

    private static final Pattern MEMBER_ID = Pattern.compile("[a-zA-Z0-9._-]{1,100}");

    public WindowsConfig {
        if (!MEMBER_ID.matcher(memberId).matches()) {
            throw new IllegalArgumentException(
                    "memberId: " + memberId + " (expected: " + MEMBER_ID.pattern() + ")");
        }
    }

    Properties properties() {
        Properties p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, APPLICATION_ID);
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
        p.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        // Static members and the classic protocol: back in seconds after a crash, where the
        // streams protocol and dynamic members wait for a session to time out.
        p.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), memberId);
        // One thread counts more events a second than the executors of one machine write.
        p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL.toMillis());
        p.put(StreamsConfig.POLL_MS_CONFIG, POLL.toMillis());
        p.put(StreamsConfig.TASK_TIMEOUT_MS_CONFIG, TROUBLE_LIMIT.toMillis());
        p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, CACHE_BYTES);
        // The broker's own default, as for the other topics.
        p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, -1);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "zstd");
        p.put(
                StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
                Kafka.MAX_RECORD_BYTES);
        return p;
    }
}

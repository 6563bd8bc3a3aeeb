package io.blockplane.windows.topology;

import io.blockplane.events.Topic;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Tasks in, windows and dead letters out, one node in between. One input topic on purpose: two
 * could be interleaved in another way each time. Keys stay as they are, so a block's windows have
 * the partition of its tasks.
 */
final class WindowsTopology {

    static final String STORE = "state";
    static final String WINDOWS_SINK = "windows";
    static final String DEAD_LETTERS_SINK = "dead-letters";

    private static final String SOURCE = "tasks";
    private static final String NODE = "rolling-windows";

    private WindowsTopology() {}

    static Topology build() {
        // In memory, with its changelog in Kafka; the cache in front makes one changelog record of
        // all that a transaction does to an entry.
        StoreBuilder<KeyValueStore<String, byte[]>> store =
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(STORE),
                                Serdes.String(),
                                Serdes.ByteArray())
                        .withLoggingEnabled(Map.of())
                        .withCachingEnabled();
        return new Topology()
                .addSource(
                        AutoOffsetReset.earliest(),
                        SOURCE,
                        // Windows go by the event's own time. Streams drops a record with a
                        // negative timestamp without a word, so there must be none.
                        (record, _) -> Math.max(0, record.timestamp()),
                        new StringDeserializer(),
                        new ByteArrayDeserializer(),
                        Topic.TASKS.topicName())
                .addProcessor(NODE, WindowsProcessor::new, SOURCE)
                .addStateStore(store, NODE)
                .addSink(
                        WINDOWS_SINK,
                        Topic.WINDOWS.topicName(),
                        new StringSerializer(),
                        new ByteArraySerializer(),
                        NODE)
                .addSink(
                        DEAD_LETTERS_SINK,
                        Topic.DEAD_LETTERS.topicName(),
                        new StringSerializer(),
                        new ByteArraySerializer(),
                        NODE);
    }
}

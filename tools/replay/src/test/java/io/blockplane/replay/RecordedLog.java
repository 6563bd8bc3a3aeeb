package io.blockplane.replay;

import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.EventJson;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyEvent.ArchiveStored;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.RecordCodec;
import io.blockplane.policy.ChainPosition;
import io.blockplane.policy.format.PolicyArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A log in memory, to be written, tampered with and verified. One partition. */
final class RecordedLog {

    private final List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();

    RecordedLog() {}

    private RecordedLog(List<ConsumerRecord<String, byte[]>> records) {
        this.records.addAll(records);
    }

    void add(Envelope<? extends Event> envelope) {
        records.add(placed(RecordCodec.encode(envelope), offset()));
    }

    void archive(PolicyArchive archive) {
        add(
                new Envelope<>(
                        "archive-" + archive.sha256(),
                        "/control-plane/a",
                        1,
                        null,
                        null,
                        new ArchiveStored(
                                archive.sha256(),
                                archive.sizeBytes(),
                                Base64.getEncoder().encodeToString(archive.content()))));
    }

    void window(WindowClosed window) {
        add(
                new Envelope<>(
                        WindowClosed.id(window.blockId(), window.asOfMs()),
                        "/windows",
                        window.asOfMs(),
                        null,
                        "tick-" + window.asOfMs(),
                        window));
    }

    void decision(PolicyDecided decision) {
        add(envelope(decision));
    }

    static Envelope<PolicyDecided> envelope(PolicyDecided decision) {
        return new Envelope<>(
                decision.id(),
                "/policy-runner/a",
                decision.logicalTimeMs(),
                null,
                WindowClosed.id(decision.blockId(), decision.logicalTimeMs()),
                decision);
    }

    /** Places of the decisions among all records. */
    List<Integer> decisionIndexes() {
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            if (records.get(i).topic().equals(Topic.DECISIONS.topicName())) {
                indexes.add(i);
            }
        }
        return indexes;
    }

    List<PolicyDecided> decisions() {
        return decisionIndexes().stream().map(this::decision).toList();
    }

    PolicyDecided decision(int index) {
        return EventJson.decode(PolicyDecided.class, records.get(index).value());
    }

    String where(int index) {
        ConsumerRecord<String, byte[]> record = records.get(index);
        return "%s-%d@%d".formatted(record.topic(), record.partition(), record.offset());
    }

    int size() {
        return records.size();
    }

    byte[] value(int index) {
        return records.get(index).value().clone();
    }

    /** A copy with another value, the headers as they were. */
    RecordedLog withValue(int index, byte[] value) {
        return with(index, record -> copy(record, value));
    }

    /** A copy without a record; the offsets stay. */
    RecordedLog without(int index) {
        RecordedLog copy = new RecordedLog(records);
        copy.records.remove(index);
        return copy;
    }

    RecordedLog without(Topic topic) {
        RecordedLog copy = new RecordedLog(records);
        copy.records.removeIf(record -> record.topic().equals(topic.topicName()));
        return copy;
    }

    /** A copy in which a record stands at the place of another one, and the other way round. */
    RecordedLog swapped(int one, int other) {
        RecordedLog copy = new RecordedLog(records);
        copy.records.set(one, records.get(other));
        copy.records.set(other, records.get(one));
        return copy;
    }

    RecordedLog twice(int index) {
        RecordedLog copy = new RecordedLog(records);
        copy.records.add(index, records.get(index));
        return copy;
    }

    RecordedLog withHeader(int index, String name, String value) {
        return with(
                index,
                record -> {
                    ConsumerRecord<String, byte[]> copy = copy(record, record.value());
                    copy.headers().remove(name);
                    RecordCodec.put(copy.headers(), name, value);
                    return copy;
                });
    }

    RecordedLog withoutHeader(int index, String name) {
        return with(
                index,
                record -> {
                    ConsumerRecord<String, byte[]> copy = copy(record, record.value());
                    copy.headers().remove(name);
                    return copy;
                });
    }

    /**
     * A copy by somebody who knows how the chain is made: one decision says something else, and all
     * hashes from there on are made anew.
     */
    RecordedLog forged(int index, UnaryOperator<String> change) {
        RecordedLog copy = new RecordedLog(records);
        PolicyDecided target = decision(index);
        String previousHash = target.previousHash();
        for (int i : decisionIndexes()) {
            PolicyDecided decision = decision(i);
            if (i >= index && decision.blockId().equals(target.blockId())) {
                String text =
                        EventJson.text(decision).replace(decision.previousHash(), previousHash);
                String forged = i == index ? change.apply(text) : text;
                PolicyDecided changed =
                        EventJson.decode(
                                PolicyDecided.class, forged.getBytes(StandardCharsets.UTF_8));
                copy.records.set(
                        i, placed(RecordCodec.encode(envelope(changed)), records.get(i).offset()));
                previousHash = ChainPosition.after(changed).previousHash();
            }
        }
        return copy;
    }

    void forEach(Consumer<ConsumerRecord<String, byte[]>> handler) {
        records.forEach(handler);
    }

    LogSource write(Path folder) throws IOException {
        Path file = folder.resolve("log.jsonl.gz");
        write(
                file,
                new Provenance(
                        "test", "now", null, null, null, null, List.of(), List.of(), List.of()));
        return LogSource.file(file);
    }

    void write(Path file, Provenance provenance) throws IOException {
        try (ExportWriter writer = new ExportWriter(file, provenance)) {
            for (Topic topic : ExportWriter.TOPICS) {
                writer.begin(topic);
                for (ConsumerRecord<String, byte[]> record : records) {
                    if (record.topic().equals(topic.topicName())) {
                        writer.write(record);
                    }
                }
                writer.end();
            }
            writer.finish();
        }
    }

    private RecordedLog with(int index, UnaryOperator<ConsumerRecord<String, byte[]>> change) {
        RecordedLog copy = new RecordedLog(records);
        copy.records.set(index, change.apply(records.get(index)));
        return copy;
    }

    private long offset() {
        return 100L + records.size();
    }

    private static ConsumerRecord<String, byte[]> placed(
            ProducerRecord<String, byte[]> record, long offset) {
        ConsumerRecord<String, byte[]> placed =
                new ConsumerRecord<>(record.topic(), 0, offset, record.key(), record.value());
        record.headers().forEach(placed.headers()::add);
        return placed;
    }

    private static ConsumerRecord<String, byte[]> copy(
            ConsumerRecord<String, byte[]> record, byte[] value) {
        ConsumerRecord<String, byte[]> copy =
                new ConsumerRecord<>(
                        record.topic(), record.partition(), record.offset(), record.key(), value);
        record.headers().forEach(copy.headers()::add);
        return copy;
    }
}

package io.blockplane.windows.topology;

import io.blockplane.events.Envelope;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.RecordCodec;
import io.blockplane.windows.LogWindows;
import io.blockplane.windows.LogWindows.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/** Task events as the executor logs them, and the windows that the library makes of them. */
final class Logged {

    private Logged() {}

    /** The events of one block in envelopes, ids by their place. */
    static List<Envelope<TaskEvent>> envelopes(List<TaskEvent> events) {
        return IntStream.range(0, events.size())
                .mapToObj(i -> envelope(events.get(i).blockId() + "-event-" + i, events.get(i)))
                .toList();
    }

    static Envelope<TaskEvent> envelope(String id, TaskEvent event) {
        return new Envelope<>(id, "/executor/executor-0", event.atMs(), "s/1", null, event);
    }

    /** What the topic has to hold for these, in order. */
    static List<String> windows(List<Envelope<TaskEvent>> events) {
        LogWindows windows = new LogWindows();
        return events.stream()
                .map(envelope -> windows.apply(envelope.id(), envelope.event()))
                .flatMap(outcome ->
                        switch (outcome) {
                            case Outcome.Counted(List<Envelope<WindowClosed>> closed) ->
                                    closed.stream();
                            case Outcome.Refused(String reason) -> throw new AssertionError(reason);
                        })
                .map(window -> {
                    ProducerRecord<String, byte[]> record = RecordCodec.encode(window);
                    return text(
                            record.key(),
                            window.event().asOfMs(),
                            record.headers(),
                            record.value());
                })
                .toList();
    }

    /** All of a record that is ours to write, as one text. */
    static String text(String key, long timestamp, Headers headers, byte[] value) {
        List<String> headerTexts =
                StreamSupport.stream(headers.spliterator(), false)
                        .map(h -> h.key() + "=" + new String(h.value(), StandardCharsets.UTF_8))
                        .toList();
        return key
                + " @"
                + timestamp
                + " "
                + headerTexts
                + " "
                + new String(value, StandardCharsets.UTF_8);
    }
}

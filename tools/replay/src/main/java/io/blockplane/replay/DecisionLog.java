package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.MetricsRead;
import io.blockplane.events.PolicyEvent.ArchiveStored;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.events.document.Document;
import io.blockplane.log.LogRecord;
import io.blockplane.log.RecordCodec;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.replay.Selection.Place;
import io.blockplane.windows.MetricsDocument;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The part of a log that executing decisions again needs: decisions by chain, the windows that they
 * read, the archives that they ran. Records stay in a file until they are used. Read by one thread,
 * then used by any number.
 */
final class DecisionLog implements AutoCloseable {

    /** What it reads, in this order: windows last, when it is known which of them are needed. */
    private static final List<Topic> TOPICS =
            List.of(Topic.POLICIES, Topic.EVENTS, Topic.DECISIONS, Topic.TASKS, Topic.WINDOWS);

    private final Selection selection;
    private final LogSource.Origin origin;
    private final Spool spool = new Spool();
    private final SortedMap<String, Chain> chains = new TreeMap<>();
    private final SortedMap<String, List<LaneCall>> lanes = new TreeMap<>();
    private final Set<String> wanted = new HashSet<>();
    private final Map<String, Long> windows = new HashMap<>();
    private final Map<String, PolicyArchive> archives = new HashMap<>();
    private final Map<String, PolicyAssignment.Schemas> schemas = new HashMap<>();
    private final List<Finding> unreadable = new ArrayList<>();
    private final NativeRoutings routings = new NativeRoutings();

    private DecisionLog(Selection selection, LogSource.Origin origin) throws IOException {
        this.selection = selection;
        this.origin = origin;
    }

    static DecisionLog read(LogSource source, Selection selection) throws IOException {
        DecisionLog log = new DecisionLog(selection, source.origin());
        try {
            source.records(TOPICS, log::take);
            log.spool.seal();
            return log;
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
    }

    /** Decisions of one block, kind and lane each, in the order of the log. */
    SortedMap<String, Chain> chains() {
        return chains;
    }

    /** Calls of balancers, by the chain that they take numbers of. */
    SortedMap<String, List<LaneCall>> lanes() {
        return lanes;
    }

    /** Choices of balancers that come along, made again. */
    NativeRoutings routings() {
        return routings;
    }

    /** Those of the chains, and the calls of balancers. */
    long decisions() {
        return chains.values().stream().mapToLong(Chain::size).sum()
                + lanes.values().stream().mapToLong(List::size).sum();
    }

    List<Finding> unreadable() {
        return unreadable;
    }

    /** Whether chains may begin in the middle without anything being wrong. */
    boolean cut() {
        return origin.cut() || selection.cutsTheBeginning();
    }

    /** What each partition held when it was read or exported; empty when that is not known. */
    List<Provenance.Partition> partitions() {
        return origin.partitions();
    }

    /** What {@code get_metrics()} returned for a window; null when the window is not in the log. */
    @Nullable Document document(String windowId) {
        WindowClosed window = window(windowId);
        return window == null ? null : MetricsDocument.of(window);
    }

    /** Null when it is not in the log, or can't be read. */
    @Nullable WindowClosed window(String windowId) {
        Long place = windows.get(windowId);
        if (place == null) {
            return null;
        }
        try {
            return RecordCodec.decode(Topic.WINDOWS, spool.read(place)).event()
                            instanceof WindowClosed window
                    ? window
                    : null;
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /** Null when the log has no (readable) archive of this hash. */
    @Nullable PolicyArchive archive(String sha256) {
        return archives.get(sha256);
    }

    /** What the inputs and outputs of a version have to look like. */
    PolicyAssignment.Schemas schemas(String policyUri) {
        return schemas.getOrDefault(policyUri, PolicyAssignment.Schemas.NONE);
    }

    @Override
    public void close() throws IOException {
        spool.close();
    }

    static String where(LogRecord<Event> record) {
        return "%s-%d@%d"
                .formatted(record.topic().topicName(), record.partition(), record.offset());
    }

    static String where(ConsumerRecord<?, ?> record) {
        return "%s-%d@%d".formatted(record.topic(), record.partition(), record.offset());
    }

    static String chain(String blockId, Kind kind, @Nullable String lane) {
        String chain = blockId + "/" + kind;
        return lane == null ? chain : chain + "/" + lane;
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        Topic topic = topic(record);
        if (topic == Topic.WINDOWS) {
            window(record);
        } else if (topic == Topic.POLICIES || selection.hasBlock(record.key())) {
            try {
                take(record, RecordCodec.decode(topic, record));
            } catch (IllegalArgumentException e) {
                unreadable.add(
                        new Finding.Unreadable(where(record), String.valueOf(e.getMessage())));
            }
        }
    }

    private void take(ConsumerRecord<String, byte[]> record, LogRecord<Event> decoded) {
        switch (decoded.topic()) {
            case POLICIES -> policy(decoded);
            case EVENTS -> routings.event(decoded);
            case DECISIONS -> decision(record, decoded);
            case TASKS -> task(record, decoded);
            case INBOX, OUTPUTS, PROBES, WINDOWS, COMMANDS, DEAD_LETTERS -> {}
        }
    }

    private static Topic topic(ConsumerRecord<String, byte[]> record) {
        for (Topic topic : TOPICS) {
            if (topic.topicName().equals(record.topic())) {
                return topic;
            }
        }
        throw new IllegalStateException("topic: " + record.topic());
    }

    private void decision(ConsumerRecord<String, byte[]> record, LogRecord<Event> decoded) {
        if (!(decoded.event() instanceof PolicyDecided decided)) {
            return;
        }
        String fault = WholeDecision.fault(decided);
        if (fault != null) {
            unreadable.add(new Finding.Unreadable(where(record), fault));
            return;
        }
        Place place =
                selection.ofDecision(
                        decided.blockId(),
                        record.partition(),
                        record.offset(),
                        decided.logicalTimeMs());
        if (place == Place.AFTER || place == Place.ELSEWHERE) {
            return;
        }
        Chain chain =
                chains.computeIfAbsent(
                        chain(decided.blockId(), decided.kind(), decided.lane()),
                        _ -> new Chain(spool));
        // The calls of a lane stand in tasks: there all of them are needed.
        boolean isLane = decided.kind() == Kind.ROUTE && decided.lane() != null;
        if (place == Place.BEFORE && !isLane) {
            chain.addEarlier(record, decided);
        } else {
            chain.add(record);
        }
        addRead(decided.effects());
        String cause = decoded.envelope().causationId();
        if (cause != null && decided.call() == PolicyDecided.Call.EVAL) {
            // What it could have read.
            wanted.add(cause);
        }
    }

    private void task(ConsumerRecord<String, byte[]> record, LogRecord<Event> decoded) {
        Place place = selection.place(record.key(), decoded.envelope().timeMs());
        if (place == Place.WITHIN) {
            routings.task(decoded);
        }
        if (place != Place.AFTER) {
            for (LaneCall call : LaneCall.of(decoded)) {
                lanes.computeIfAbsent(call.chain(), _ -> new ArrayList<>()).add(call);
                addRead(Objects.requireNonNullElse(call.routing().effects(), List.of()));
            }
        }
    }

    private void policy(LogRecord<Event> record) {
        if (record.event() instanceof PolicyRegistered registered) {
            schemas.put(registered.uri(), PolicyAssignment.Schemas.ofEntry(registered.entry()));
        }
        if (record.event() instanceof ArchiveStored stored) {
            try {
                if (PolicyArchive.read(Base64.getDecoder().decode(stored.contentBase64()))
                        instanceof PolicyArchive.Accepted(PolicyArchive archive)) {
                    // By what it is, not by what the record says it is.
                    archives.put(archive.sha256(), archive);
                }
            } catch (IllegalArgumentException e) {
                unreadable.add(new Finding.Unreadable(where(record), "contentBase64: " + e));
            }
        }
    }

    /** Decoded when a decision needs it: most windows of a log are read by none. */
    private void window(ConsumerRecord<String, byte[]> record) {
        String id = RecordCodec.text(record, "ce_id");
        if (id == null || record.value() == null) {
            unreadable.add(
                    new Finding.Unreadable(
                            where(record), id == null ? "header ce_id is missing" : "no value"));
        } else if (wanted.contains(id)) {
            windows.put(id, spool.add(record));
        }
    }

    private void addRead(List<PolicyDecided.Effect> effects) {
        for (PolicyDecided.Effect effect : effects) {
            if (effect instanceof MetricsRead read && read.windowId() != null) {
                wanted.add(read.windowId());
            }
        }
    }
}

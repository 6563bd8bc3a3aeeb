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
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.format.PolicyArchive;
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
 * The part of a log that verifying needs: decisions by chain, the windows that they read, the
 * archives that they ran.
 */
final class DecisionLog {

    private final SortedMap<String, List<LogRecord<Event>>> chains = new TreeMap<>();
    private final SortedMap<String, List<LaneCall>> lanes = new TreeMap<>();
    private final Map<String, WindowClosed> windows = new HashMap<>();
    private final Map<String, PolicyArchive> archives = new HashMap<>();
    private final Map<String, PolicyAssignment.Schemas> schemas = new HashMap<>();
    private final List<Finding> unreadable = new ArrayList<>();
    private final NativeRoutings routings = new NativeRoutings();

    private DecisionLog() {}

    static DecisionLog read(LogSource source) throws IOException {
        DecisionLog log = new DecisionLog();
        source.read(Topic.DECISIONS, log.collecting(log::decision));
        source.read(Topic.EVENTS, log.collecting(log.routings::event));
        source.read(Topic.TASKS, log.collecting(log::task));
        Set<String> wanted = log.windowsRead();
        source.read(
                Topic.WINDOWS,
                log.collecting(record -> {
                    if (wanted.contains(record.envelope().id())
                            && record.event() instanceof WindowClosed window) {
                        log.windows.put(record.envelope().id(), window);
                    }
                }));
        source.read(Topic.POLICIES, log.collecting(log::policy));
        return log;
    }

    /** Decisions of one block, kind and lane each, in the order of the log. */
    SortedMap<String, List<LogRecord<Event>>> chains() {
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
        return chains.values().stream().mapToLong(List::size).sum()
                + lanes.values().stream().mapToLong(List::size).sum();
    }

    List<Finding> unreadable() {
        return unreadable;
    }

    /** What {@code get_metrics()} returned for a window; null when the window is not in the log. */
    @Nullable Document document(String windowId) {
        WindowClosed window = windows.get(windowId);
        return window == null ? null : MetricsDocument.of(window);
    }

    /** Null when the log has no (readable) archive of this hash. */
    @Nullable PolicyArchive archive(String sha256) {
        return archives.get(sha256);
    }

    /** What the inputs and outputs of a version have to look like. */
    PolicyAssignment.Schemas schemas(String policyUri) {
        return schemas.getOrDefault(policyUri, PolicyAssignment.Schemas.NONE);
    }

    static String where(LogRecord<Event> record) {
        return "%s-%d@%d"
                .formatted(record.topic().topicName(), record.partition(), record.offset());
    }

    private void decision(LogRecord<Event> record) {
        if (record.event() instanceof PolicyDecided decided) {
            String fault = WholeDecision.fault(decided);
            if (fault == null) {
                chains.computeIfAbsent(
                                chain(decided.blockId(), decided.kind(), decided.lane()),
                                _ -> new ArrayList<>())
                        .add(record);
            } else {
                unreadable.add(new Finding.Unreadable(where(record), fault));
            }
        }
    }

    private void task(LogRecord<Event> record) {
        routings.task(record);
        for (LaneCall call : LaneCall.of(record)) {
            lanes.computeIfAbsent(call.chain(), _ -> new ArrayList<>()).add(call);
        }
    }

    static String chain(String blockId, Kind kind, @Nullable String lane) {
        String chain = blockId + "/" + kind;
        return lane == null ? chain : chain + "/" + lane;
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

    private Set<String> windowsRead() {
        Set<String> ids = new HashSet<>();
        for (List<LogRecord<Event>> chain : chains.values()) {
            chain.forEach(record -> addRead(ids, ((PolicyDecided) record.event()).effects()));
        }
        for (List<LaneCall> calls : lanes.values()) {
            calls.forEach(call ->
                    addRead(ids, Objects.requireNonNullElse(call.routing().effects(), List.of())));
        }
        return ids;
    }

    private static void addRead(Set<String> ids, List<PolicyDecided.Effect> effects) {
        for (PolicyDecided.Effect effect : effects) {
            if (effect instanceof MetricsRead read && read.windowId() != null) {
                ids.add(read.windowId());
            }
        }
    }

    private interface Handler {
        void handle(LogRecord<Event> record);
    }

    private LogSource.Reader collecting(Handler handler) {
        return new LogSource.Reader() {
            @Override
            public void event(LogRecord<Event> record) {
                handler.handle(record);
            }

            @Override
            public void unreadable(ConsumerRecord<String, byte[]> record, String reason) {
                unreadable.add(
                        new Finding.Unreadable(
                                "%s-%d@%d"
                                        .formatted(
                                                record.topic(),
                                                record.partition(),
                                                record.offset()),
                                reason));
            }
        };
    }
}

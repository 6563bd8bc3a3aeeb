package io.blockplane.replay;

import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.MetricsRead;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.events.document.Document;
import io.blockplane.policy.Metrics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the acting policies of one kind were asked in a log, for asking another policy the same. Of
 * a balancer that are its tasks, and of their packets the fields that it read.
 *
 * @param inputs by time
 * @param unreadable what the log holds beside them that is no event
 */
public record RecordedInputs(List<Input> inputs, List<Finding> unreadable) {

    public RecordedInputs {
        inputs = List.copyOf(inputs);
        unreadable = List.copyOf(unreadable);
    }

    /**
     * One call.
     *
     * @param call EVAL or MANAGE
     * @param input as recorded: {@code input_data}; {@code {"action", "data"}}
     * @param metrics what its first {@code get_metrics()} returned; null when it called none, or
     *     before the first window
     */
    public record Input(
            String blockId, long timeMs, Call call, Json input, @Nullable Metrics metrics) {}

    /**
     * Reads them.
     *
     * @throws IOException when the source can't be read, or a window that was read is not in it
     */
    public static RecordedInputs read(LogSource source, Kind kind) throws IOException {
        try (DecisionLog log = DecisionLog.read(source, Selection.ALL)) {
            return of(log, kind);
        }
    }

    private static RecordedInputs of(DecisionLog log, Kind kind) throws IOException {
        List<Input> inputs = new ArrayList<>();
        if (kind == Kind.ROUTE) {
            for (LaneCall call : log.lanes().values().stream().flatMap(List::stream).toList()) {
                inputs.add(routed(log, call));
            }
        } else {
            List<PolicyDecided> acting =
                    log.chains().values().stream()
                            .flatMap(chain -> chain.records().stream())
                            .flatMap(record ->
                                    record.event() instanceof PolicyDecided decided
                                            ? Stream.of(decided)
                                            : Stream.empty())
                            .filter(decided -> decided.kind() == kind && decided.lane() == null)
                            .filter(d -> d.call() == Call.EVAL || d.call() == Call.MANAGE)
                            .toList();
            for (PolicyDecided decided : acting) {
                inputs.add(
                        new Input(
                                decided.blockId(),
                                decided.logicalTimeMs(),
                                decided.call(),
                                decided.input(),
                                metrics(log, decided.id(), decided.effects())));
            }
        }
        inputs.sort(Comparator.comparingLong(Input::timeMs));
        return new RecordedInputs(inputs, log.unreadable());
    }

    /** Ids of the blocks that were decided for. */
    public SortedSet<String> blocks() {
        return inputs.stream().map(Input::blockId).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Those of one block. */
    public List<Input> of(String blockId) {
        return inputs.stream().filter(input -> input.blockId().equals(blockId)).toList();
    }

    private static Input routed(DecisionLog log, LaneCall call) throws IOException {
        Routing routing = call.routing();
        var input = EventJson.MAPPER.createObjectNode();
        input.set("packet", Objects.requireNonNullElse(routing.packet(), Json.EMPTY_OBJECT).node());
        var instances = input.putArray("instances");
        routing.candidates().forEach(candidate -> instances.add(candidate.instanceId()));
        List<Effect> effects = Objects.requireNonNullElse(routing.effects(), List.of());
        return new Input(
                call.blockId(),
                Objects.requireNonNullElse(routing.logicalTimeMs(), 0L),
                Call.EVAL,
                Json.of(input),
                metrics(log, call.id(), effects));
    }

    private static @Nullable Metrics metrics(DecisionLog log, String id, List<Effect> effects)
            throws IOException {
        Optional<String> read =
                effects.stream()
                        .flatMap(effect ->
                                effect instanceof MetricsRead(String windowId, _, _)
                                        ? Stream.ofNullable(windowId)
                                        : Stream.empty())
                        .findFirst();
        if (read.isEmpty()) {
            return null;
        }
        Document document = log.document(read.get());
        if (document == null) {
            throw new IOException(
                    "%s: window %s (expected: in the same log)".formatted(id, read.get()));
        }
        return new Metrics(read.get(), document);
    }
}

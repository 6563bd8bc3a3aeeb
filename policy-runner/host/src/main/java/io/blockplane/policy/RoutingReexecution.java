package io.blockplane.policy;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Routing;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Executes the recorded calls of one balancer object again, in the order of their sequence numbers,
 * with nothing but what is recorded. Used by one thread.
 */
public final class RoutingReexecution implements AutoCloseable {

    private static final String NONE = "(none)";

    private final RoutingPolicy policy;

    /**
     * A new object.
     *
     * @param init the record that it began with
     */
    public RoutingReexecution(
            PolicyEngine engine, PolicyAssignment assignment, PolicyDecided init) {
        ChainPosition start =
                new ChainPosition(init.sequence(), init.previousHash(), init.incarnation());
        this.policy = new RoutingPolicy(engine, assignment, start, RoutingLimits.PATIENT);
    }

    /** What executing a recorded routing again led to. */
    public sealed interface Rerouted {

        /** The same choice, or the same lack of one, by the same reads and effects. */
        record Same() implements Rerouted {}

        /** The first field that came out otherwise. */
        record Different(String field, String recorded, String executed) implements Rerouted {}

        /** It could not be executed; the object's state is unknown from here on. */
        record NotExecutable(String reason) implements Rerouted {}
    }

    /** An INIT or MANAGE record, again. */
    public Reexecution decision(PolicyDecided recorded, WindowDocuments windows) {
        String missing = RecordedMetrics.missing(recorded.effects(), windows);
        if (missing != null) {
            return new Reexecution.WindowMissing(missing);
        }
        policy.seek(recorded.sequence(), recorded.previousHash());
        MetricsSource metrics = RecordedMetrics.of(recorded.effects(), windows);
        HttpSource http = new RecordedHttp(recorded.effects());
        return new Reexecution.Executed(
                recorded.call() == Call.INIT
                        ? policy.init(recorded.logicalTimeMs(), metrics, http)
                        : manage(recorded, metrics, http));
    }

    /** The routing of a task, again. */
    public Rerouted routing(Routing recorded, WindowDocuments windows) {
        List<Effect> effects = Objects.requireNonNullElse(recorded.effects(), List.of());
        Json packet = Objects.requireNonNullElse(recorded.packet(), Json.EMPTY_OBJECT);
        long timeMs = Objects.requireNonNullElse(recorded.logicalTimeMs(), 0L);
        String missing = RecordedMetrics.missing(effects, windows);
        if (missing != null) {
            return new Rerouted.NotExecutable("window " + missing + " is not in the log");
        }
        RoutedPacket fields;
        try {
            String omitted = PacketFields.omitted(packet);
            if (omitted != null) {
                return new Rerouted.NotExecutable(
                        "packet." + omitted + " was too large to be recorded");
            }
            fields = PacketFields.packet(packet);
        } catch (IllegalArgumentException e) {
            return new Rerouted.NotExecutable("packet: " + e.getMessage());
        }
        policy.seek(recorded.sequence(), policy.position().previousHash());
        Routed routed =
                policy.route(
                        timeMs,
                        fields,
                        recorded.candidates().stream().map(InstanceLoad::instanceId).toList(),
                        RecordedMetrics.of(effects, windows),
                        new RecordedHttp(effects));
        return switch (routed) {
            case Routed.Chosen(String choice, Routed.Call call) -> {
                Rerouted reads = compare(packet, effects, call);
                yield reads == null ? chosen(recorded, choice) : reads;
            }
            case Routed.NoChoice none -> {
                if (!none.outcome().reproducible()) {
                    yield new Rerouted.NotExecutable("cut short here: " + none.error());
                }
                Rerouted reads = compare(packet, effects, none.call());
                yield reads == null
                        ? same("fallback", recorded.fallback(), none.fallback())
                        : reads;
            }
            case Routed.NotCalled(String reason) -> new Rerouted.NotExecutable(reason);
        };
    }

    /** Whether it can take another call. */
    public boolean usable() {
        return policy.usable();
    }

    @Override
    public void close() {
        policy.close();
    }

    private PolicyDecided manage(PolicyDecided recorded, MetricsSource metrics, HttpSource http) {
        var input = recorded.input().object();
        return policy.manage(
                recorded.logicalTimeMs(),
                input.path("action").asText(),
                Json.of(input.path("data")),
                metrics,
                http);
    }

    private static @Nullable Rerouted compare(
            Json packet, List<Effect> effects, Routed.Call executed) {
        if (!packet.equals(executed.packet())) {
            return new Rerouted.Different("packet", packet.text(), executed.packet().text());
        }
        return effects.equals(executed.effects())
                ? null
                : new Rerouted.Different(
                        "effects", effects.toString(), executed.effects().toString());
    }

    private static Rerouted chosen(Routing recorded, String choice) {
        String fallback = recorded.fallback();
        if (fallback == null) {
            return same("choice", recorded.choice(), choice);
        }
        return fallback.startsWith(new Routed.Chosen(choice, NO_CALL).overruled(""))
                ? new Rerouted.Same()
                : new Rerouted.Different("fallback", fallback, "the policy picked " + choice);
    }

    private static final Routed.Call NO_CALL =
            new Routed.Call(1, 0, 0, Json.EMPTY_OBJECT, List.of());

    private static Rerouted same(String field, @Nullable String recorded, String executed) {
        return executed.equals(recorded)
                ? new Rerouted.Same()
                : new Rerouted.Different(field, recorded == null ? NONE : recorded, executed);
    }
}

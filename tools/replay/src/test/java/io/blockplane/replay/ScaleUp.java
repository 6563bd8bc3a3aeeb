package io.blockplane.replay;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.ActivationCause;
import io.blockplane.events.BlockEvent.BlockCreated;
import io.blockplane.events.BlockEvent.Clamp;
import io.blockplane.events.BlockEvent.InstanceLost;
import io.blockplane.events.BlockEvent.InstanceReady;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.BlockEvent.PolicyActivated;
import io.blockplane.events.BlockEvent.PolicyProposed;
import io.blockplane.events.BlockEvent.ScaleApplied;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command.ScaleBlock;
import io.blockplane.events.Command.Stage;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What stands in a log around the decision {@code dec-short-scale-1} of a short life. */
final class ScaleUp {

    static final String DECISION = "dec-short-scale-1";

    private ScaleUp() {}

    static List<Envelope<? extends Event>> around() {
        List<Envelope<? extends Event>> events = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            events.add(task(i, "in-" + i % 2, Lives.NOON - 1_000L * (i + 1), Outcome.COMPLETED));
        }
        events.add(task(6, null, Lives.NOON - 1, Outcome.EXPIRED));
        events.add(task(7, "in-0", Lives.NOON, Outcome.COMPLETED));
        events.add(task(8, "in-0", Lives.NOON - 60_001, Outcome.COMPLETED));
        events.add(
                envelope(
                        "cmd-" + DECISION,
                        DECISION,
                        new ScaleBlock("short", Operation.UPSCALE, 2, List.of(), "busy")));
        events.add(
                envelope(
                        "cmd-other",
                        "dec-short-scale-2",
                        new ScaleBlock("short", Operation.UPSCALE, 1, List.of(), "busy")));
        events.addAll(history());
        events.add(
                envelope(
                        "evt-short-7",
                        "cmd-" + DECISION,
                        new ScaleApplied(
                                "short",
                                7,
                                Operation.UPSCALE,
                                2,
                                1,
                                2,
                                List.of("in-2"),
                                List.of(),
                                List.of(new Clamp("maxInstances", 3, 2, "the block's limit")),
                                "busy")));
        events.add(
                envelope(
                        "evt-short-8",
                        "cmd-" + DECISION,
                        new InstanceRequested("short", 8, "in-2", 2)));
        return events;
    }

    /** The block until then: an instance that was ready once, and is to run again. */
    private static List<Envelope<? extends Event>> history() {
        PolicyBinding binding =
                new PolicyBinding("test:1-stable", Json.parse("{\"p\":1}"), Json.EMPTY_OBJECT);
        BlockSpec spec =
                new BlockSpec(
                        "short",
                        "builtin:embedding",
                        1,
                        2,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        new TreeMap<>());
        List<BlockEvent> events =
                List.of(
                        new BlockCreated("short", 1, spec),
                        new InstanceRequested("short", 2, "in-1", 1),
                        new InstanceReady(
                                "short",
                                3,
                                "in-1",
                                1,
                                new InstanceAddress(
                                        "grpc", "127.0.0.1:9000", "http://127.0.0.1:9001/health")),
                        new PolicyProposed("short", 4, "autoscaler", binding, Stage.ACTIVE),
                        new PolicyActivated(
                                "short",
                                5,
                                "autoscaler",
                                binding,
                                ActivationCause.PROPOSED,
                                null,
                                List.of()),
                        new InstanceLost("short", 6, "in-1", 2, 137, "killed"));
        List<Envelope<? extends Event>> history = new ArrayList<>();
        for (BlockEvent event : events) {
            history.add(
                    new Envelope<>(
                            "evt-short-" + event.version(),
                            "/test",
                            Lives.NOON - 10_000 + 1_000 * event.version(),
                            null,
                            "cmd-past-" + event.version(),
                            event));
        }
        return history;
    }

    private static Envelope<TaskFinished> task(
            int i, @Nullable String instance, long atMs, Outcome outcome) {
        return envelope(
                "task-" + i,
                null,
                new TaskFinished(
                        "short",
                        "task-" + i,
                        Entry.INFER,
                        "s",
                        Integer.toString(i),
                        instance,
                        outcome,
                        null,
                        atMs,
                        10,
                        20,
                        30,
                        100,
                        7,
                        1,
                        null));
    }

    private static <E extends Event> Envelope<E> envelope(
            String id, @Nullable String causationId, E event) {
        return new Envelope<>(id, "/test", Lives.NOON, null, causationId, event);
    }
}

package io.blockplane.events;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The catalogue of event types: the name on the wire, the record and the topic of each.
 *
 * @param name the CloudEvents type ({@code ce_type}); the trailing number changes only when old
 *     records could no longer be read as the new ones
 */
public record EventType<E extends Event>(String name, Class<E> record, Topic topic) {

    /** All of them, by topic and then in the order of a thing's life. */
    public static final List<EventType<?>> ALL =
            List.of(
                    type("blockplane.task-finished.v1", TaskEvent.TaskFinished.class, Topic.TASKS),
                    type("blockplane.ticked.v1", TaskEvent.Ticked.class, Topic.TASKS),
                    type(
                            "blockplane.instance-ejected.v1",
                            TaskEvent.InstanceEjected.class,
                            Topic.TASKS),
                    type(
                            "blockplane.instance-readmitted.v1",
                            TaskEvent.InstanceReadmitted.class,
                            Topic.TASKS),
                    type(
                            "blockplane.instance-reported.v1",
                            TaskEvent.InstanceReported.class,
                            Topic.TASKS),
                    type("blockplane.probe-recorded.v1", ProbeRecorded.class, Topic.PROBES),
                    type("blockplane.window-closed.v1", WindowClosed.class, Topic.WINDOWS),
                    type("blockplane.policy-decided.v1", PolicyDecided.class, Topic.DECISIONS),
                    type("blockplane.create-block.v1", Command.CreateBlock.class, Topic.COMMANDS),
                    type("blockplane.scale-block.v1", Command.ScaleBlock.class, Topic.COMMANDS),
                    type(
                            "blockplane.report-instance.v1",
                            Command.ReportInstance.class,
                            Topic.COMMANDS),
                    type(
                            "blockplane.propose-policy.v1",
                            Command.ProposePolicy.class,
                            Topic.COMMANDS),
                    type(
                            "blockplane.report-candidate.v1",
                            Command.ReportCandidate.class,
                            Topic.COMMANDS),
                    type(
                            "blockplane.roll-back-policy.v1",
                            Command.RollBackPolicy.class,
                            Topic.COMMANDS),
                    type("blockplane.end-shadow.v1", Command.EndShadow.class, Topic.COMMANDS),
                    type(
                            "blockplane.quarantine-policy.v1",
                            Command.QuarantinePolicy.class,
                            Topic.COMMANDS),
                    type("blockplane.manage-policy.v1", Command.ManagePolicy.class, Topic.COMMANDS),
                    type(
                            "blockplane.execute-failure-policy.v1",
                            Command.ExecuteFailurePolicy.class,
                            Topic.COMMANDS),
                    type(
                            "blockplane.block-created.v1",
                            BlockEvent.BlockCreated.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.scale-applied.v1",
                            BlockEvent.ScaleApplied.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.instance-requested.v1",
                            BlockEvent.InstanceRequested.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.instance-ready.v1",
                            BlockEvent.InstanceReady.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.instance-lost.v1",
                            BlockEvent.InstanceLost.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.instance-draining.v1",
                            BlockEvent.InstanceDraining.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.instance-drained.v1",
                            BlockEvent.InstanceDrained.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.instance-stopped.v1",
                            BlockEvent.InstanceStopped.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.policy-proposed.v1",
                            BlockEvent.PolicyProposed.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.policy-refused.v1",
                            BlockEvent.PolicyRefused.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.policy-activated.v1",
                            BlockEvent.PolicyActivated.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.policy-shadowed.v1",
                            BlockEvent.PolicyShadowed.class,
                            Topic.EVENTS),
                    type("blockplane.shadow-ended.v1", BlockEvent.ShadowEnded.class, Topic.EVENTS),
                    type(
                            "blockplane.policy-quarantined.v1",
                            BlockEvent.PolicyQuarantined.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.command-refused.v1",
                            BlockEvent.CommandRefused.class,
                            Topic.EVENTS),
                    type(
                            "blockplane.policy-registered.v1",
                            PolicyEvent.PolicyRegistered.class,
                            Topic.POLICIES),
                    type(
                            "blockplane.policy-deleted.v1",
                            PolicyEvent.PolicyDeleted.class,
                            Topic.POLICIES),
                    type(
                            "blockplane.archive-stored.v1",
                            PolicyEvent.ArchiveStored.class,
                            Topic.POLICIES),
                    type(
                            "blockplane.archive-uploaded.v1",
                            PolicyEvent.ArchiveUploaded.class,
                            Topic.POLICIES),
                    type("blockplane.dead-lettered.v1", DeadLettered.class, Topic.DEAD_LETTERS));

    private static final Map<String, EventType<?>> BY_NAME =
            ALL.stream().collect(Collectors.toMap(EventType::name, Function.identity()));
    private static final Map<Class<?>, EventType<?>> BY_RECORD =
            ALL.stream().collect(Collectors.toMap(EventType::record, Function.identity()));

    /** The type of an event. */
    public static EventType<?> of(Event event) {
        EventType<?> type = BY_RECORD.get(event.getClass());
        if (type == null) {
            throw new IllegalStateException(event.getClass() + " is not in EventType.ALL");
        }
        return type;
    }

    /**
     * The type of this wire name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static EventType<?> named(String name) {
        EventType<?> type = BY_NAME.get(name);
        if (type == null) {
            throw new IllegalArgumentException(
                    "event type: " + name + " (expected: one of " + BY_NAME.keySet() + ")");
        }
        return type;
    }

    private static <E extends Event> EventType<E> type(String name, Class<E> record, Topic topic) {
        return new EventType<>(name, record, topic);
    }
}

package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.log.LogRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * One call of a balancer's policy object, as it stands in the event of its task.
 *
 * @param where the event stands in the log
 * @param taskEventId its id
 */
record LaneCall(String blockId, String where, String taskEventId, Routing routing) {

    /** The calls of policy objects in an event, in order; empty for others. */
    static List<LaneCall> of(LogRecord<Event> record) {
        List<LaneCall> calls = new ArrayList<>();
        if (record.event() instanceof TaskFinished task) {
            List<Routing> routings = new ArrayList<>();
            if (task.earlierRoutings() != null) {
                routings.addAll(task.earlierRoutings());
            }
            if (task.routing() != null) {
                routings.add(task.routing());
            }
            for (Routing routing : routings) {
                if (routing.lane() != null) {
                    calls.add(
                            new LaneCall(
                                    task.blockId(),
                                    DecisionLog.where(record),
                                    record.envelope().id(),
                                    routing));
                }
            }
        }
        return calls;
    }

    /** The chain that it takes a number of. */
    String chain() {
        return DecisionLog.chain(blockId, Kind.ROUTE, routing.lane());
    }

    /** For messages. */
    String id() {
        return "call %d of lane %s (%s)".formatted(routing.sequence(), routing.lane(), taskEventId);
    }

    /** Whether the machine cut it short. */
    boolean cutShort() {
        String fallback = routing.fallback();
        return fallback != null
                && (fallback.startsWith("TIMED_OUT: ") || fallback.startsWith("BROKEN: "));
    }
}

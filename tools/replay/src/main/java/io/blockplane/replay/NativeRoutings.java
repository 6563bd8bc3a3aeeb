package io.blockplane.replay;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.Event;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.Balancer.Question;
import io.blockplane.executor.core.NativeBalancer;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.log.LogRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Makes the choices of balancers that come along again: each is a function of its record, and of
 * the balancer's parameters, which are the block's at the version that the record names. Is given
 * the blocks' events first, in their order, then the tasks.
 */
final class NativeRoutings {

    /** By block, and by the version from which they hold. */
    private final Map<String, NavigableMap<Long, RoutingRules>> rules = new HashMap<>();

    /** Of the last event of each block. */
    private final Map<String, Long> versions = new HashMap<>();

    private final List<Finding> findings = new ArrayList<>();
    private long identical;

    /** One more event of a block. */
    void event(LogRecord<Event> record) {
        if (record.event() instanceof BlockEvent event
                && !(event instanceof BlockEvent.CommandRefused)) {
            NavigableMap<Long, RoutingRules> known =
                    rules.computeIfAbsent(event.blockId(), _ -> new TreeMap<>());
            follow(record, event);
            RoutingRules before =
                    known.isEmpty() ? RoutingRules.DEFAULT : known.lastEntry().getValue();
            RoutingRules after = before.apply(event);
            if (known.isEmpty() || !after.equals(before)) {
                known.put(event.version(), after);
            }
        }
    }

    private void follow(LogRecord<Event> record, BlockEvent event) {
        long expected = versions.getOrDefault(event.blockId(), 0L) + 1;
        if (event.version() > expected) {
            findings.add(
                    new Finding.EventsMissing(
                            DecisionLog.where(record),
                            event.blockId(),
                            expected,
                            event.version() - 1));
        }
        versions.merge(event.blockId(), event.version(), Math::max);
    }

    /** An event of a task. */
    void task(LogRecord<Event> record) {
        if (record.event() instanceof TaskFinished task
                && task.routing() != null
                && task.routing().lane() == null) {
            check(record, task, task.routing());
        }
    }

    /** Choices that came out the same. */
    long identical() {
        return identical;
    }

    List<Finding> findings() {
        return findings;
    }

    private void check(LogRecord<Event> record, TaskFinished task, Routing recorded) {
        String where = DecisionLog.where(record);
        String id = record.envelope().id();
        NavigableMap<Long, RoutingRules> known =
                rules.getOrDefault(task.blockId(), new TreeMap<>());
        Map.Entry<Long, RoutingRules> held = known.floorEntry(recorded.instanceSetVersion());
        if (held == null) {
            findings.add(
                    new Finding.NotExecutable(
                            where,
                            id,
                            "version %d of block %s is not in the log"
                                    .formatted(recorded.instanceSetVersion(), task.blockId())));
            return;
        }
        NativeBalancer balancer = held.getValue().balancer();
        if (!balancer.uri().equals(recorded.policy())) {
            findings.add(
                    new Finding.Diverged(
                            where, id, "routing.policy", recorded.policy(), balancer.uri()));
        } else if (recorded.candidates().isEmpty()) {
            findings.add(new Finding.Unreadable(where, "routing.candidates: none"));
        } else {
            long seqNo;
            try {
                seqNo = Long.parseUnsignedLong(task.seqNo());
            } catch (NumberFormatException _) {
                findings.add(new Finding.Unreadable(where, "seqNo: " + task.seqNo()));
                return;
            }
            PacketFacts packet = new PacketFacts(task.sessionId(), seqNo);
            String choice =
                    balancer.choose(
                            new Question(recorded.sequence(), packet, recorded.candidates()));
            compare(where, id, task, recorded.choice(), choice);
        }
    }

    private void compare(
            String where, String id, TaskFinished task, String recorded, String executed) {
        if (!executed.equals(recorded)) {
            findings.add(new Finding.Diverged(where, id, "routing.choice", recorded, executed));
        } else if (!executed.equals(task.instanceId())) {
            findings.add(
                    new Finding.Diverged(
                            where, id, "instanceId", String.valueOf(task.instanceId()), executed));
        } else {
            identical++;
        }
    }
}

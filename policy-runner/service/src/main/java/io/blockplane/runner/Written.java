package io.blockplane.runner;

import io.blockplane.events.Command;
import io.blockplane.events.DeadLettered;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.log.LogRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decisions as they go into the log, with what follows from them. Ids follow from content. */
final class Written {

    private Written() {}

    /**
     * The decisions.
     *
     * @param causationId what they were made on
     */
    static List<Envelope<? extends Event>> decisions(
            String source,
            List<PolicyDecided> decisions,
            @Nullable String correlationId,
            String causationId) {
        List<Envelope<? extends Event>> events = new ArrayList<>();
        for (PolicyDecided decision : decisions) {
            events.add(
                    new Envelope<>(
                            decision.id(),
                            source,
                            decision.logicalTimeMs(),
                            correlationId,
                            causationId,
                            decision));
        }
        return events;
    }

    /** The commands that these decisions ask for. */
    static List<Envelope<? extends Event>> commands(
            String source, List<PolicyDecided> decisions, @Nullable String correlationId) {
        List<Envelope<? extends Event>> events = new ArrayList<>();
        for (PolicyDecided decision : decisions) {
            PolicyDecided.ScaleAction action = decision.action();
            if (action.operation() != Operation.NONE) {
                events.add(
                        new Envelope<>(
                                "cmd-" + decision.id(),
                                source,
                                System.currentTimeMillis(),
                                correlationId,
                                decision.id(),
                                new Command.ScaleBlock(
                                        decision.blockId(),
                                        action.operation(),
                                        action.count(),
                                        action.instanceIds(),
                                        action.reason())));
            }
        }
        return events;
    }

    /** A policy is not fit to run. */
    static Envelope<Command> quarantine(
            String source, PolicyDecided last, String policyName, String reason) {
        return new Envelope<>(
                "quar-" + last.id(),
                source,
                System.currentTimeMillis(),
                last.id(),
                last.id(),
                new Command.QuarantinePolicy(
                        last.blockId(), policyName, last.policy().uri(), reason));
    }

    /** A call that can't be made. */
    static Envelope<DeadLettered> undeliverable(
            String source, LogRecord<Event> record, String reason) {
        return new Envelope<>(
                "dead-" + record.envelope().id(),
                source,
                System.currentTimeMillis(),
                record.envelope().correlationId(),
                record.envelope().id(),
                new DeadLettered(
                        record.topic().topicName(),
                        record.partition(),
                        record.offset(),
                        reason,
                        null));
    }
}

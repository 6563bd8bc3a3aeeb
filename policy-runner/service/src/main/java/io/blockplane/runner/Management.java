package io.blockplane.runner;

import io.blockplane.events.Command.ManagePolicy;
import io.blockplane.events.Command.PolicyCall;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.PolicyAssignment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What all policies of a block have in common: which one is to decide, how its decisions are
 * written, management calls, and the end of unfit ones.
 */
final class Management {

    /** A call waits this long for its policy to show up in this runner's view of the log. */
    private static final Duration UNKNOWN_LIMIT = Duration.ofSeconds(5);

    private static final Duration UNKNOWN_PAUSE = Duration.ofMillis(50);

    private final LineKey key;
    private final Shared shared;
    private final LivePolicy policy;
    private boolean reported;

    Management(LineKey key, Shared shared, LivePolicy policy) {
        this.key = key;
        this.shared = shared;
        this.policy = policy;
    }

    /** What is to decide now; empty when nothing is, or its version is not in the log yet. */
    Optional<PolicyAssignment> assignment() {
        return shared.blocks()
                .block(key.blockId())
                .flatMap(block -> block.binding(key).flatMap(b -> policy.assignment(block, b)));
    }

    /** Lets the policy answer a management call; another one is not for it. */
    List<Envelope<? extends Event>> call(LogRecord<Event> record, PolicyCall call, Now now) {
        return call instanceof ManagePolicy manage ? manage(record, manage, now) : List.of();
    }

    private List<Envelope<? extends Event>> manage(
            LogRecord<Event> record, ManagePolicy call, Now now) {
        Optional<PolicyAssignment> assignment = awaitAssignment();
        if (assignment.isEmpty()) {
            return List.of(
                    Written.undeliverable(
                            shared.source(),
                            record,
                            "block %s has no policy that decides %s now"
                                    .formatted(key.blockId(), key.kind())));
        }
        List<PolicyDecided> decisions =
                policy.manage(
                        assignment.get(),
                        Math.max(now.timeMs(record.envelope().timeMs()), policy.lastMs()),
                        call.action(),
                        call.data(),
                        now.metrics());
        return written(decisions, record.envelope().correlationId(), record.envelope().id());
    }

    /** These decisions for the log, and what has to be said once they are made. */
    List<Envelope<? extends Event>> written(
            List<PolicyDecided> decisions, @Nullable String correlationId, String causationId) {
        List<Envelope<? extends Event>> events =
                new ArrayList<>(
                        Written.decisions(shared.source(), decisions, correlationId, causationId));
        if (!key.shadow()) {
            events.addAll(Written.commands(shared.source(), decisions, correlationId));
        }
        events.addAll(afterwards(decisions));
        return events;
    }

    /** That the policy is not fit to run, if it is not. */
    private List<Envelope<? extends Event>> afterwards(List<PolicyDecided> decisions) {
        Optional<String> unfit = policy.unfit();
        if (unfit.isEmpty()) {
            reported = false;
            return List.of();
        }
        Optional<PolicyName> name = PolicyName.of(key.kind());
        if (reported || key.shadow() || decisions.isEmpty() || name.isEmpty()) {
            return List.of();
        }
        reported = true;
        return List.of(
                Written.quarantine(
                        shared.source(), decisions.getLast(), name.get().text(), unfit.get()));
    }

    private Optional<PolicyAssignment> awaitAssignment() {
        long deadline = System.nanoTime() + UNKNOWN_LIMIT.toNanos();
        while (true) {
            Optional<PolicyAssignment> assignment = assignment();
            if (assignment.isPresent() || System.nanoTime() > deadline) {
                return assignment;
            }
            try {
                Thread.sleep(UNKNOWN_PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        }
    }
}

package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.EventJson;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.ChainPosition;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.Rebuilt;
import io.blockplane.policy.RecordedPolicy;
import io.blockplane.policy.Reexecution;
import io.blockplane.policy.format.PolicyArchive;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Executes the records of one chain again, in order. Each INIT makes a new policy object; the calls
 * after it go to that object, across incarnations: a runner that took over rebuilt exactly this
 * state. Where something is missing, it goes on at the next INIT, or at the next state that was
 * written down.
 */
final class ChainExecution implements AutoCloseable {

    private final PolicyEngine engine;
    private final DecisionLog log;
    private final List<Finding> findings = new ArrayList<>();
    private @Nullable RecordedPolicy policy;
    private long identical;
    private long cutShort;
    private long nextSequence;
    private boolean begun;

    private @Nullable PolicyDecided lastInit;

    /** The first of those in a row that can't be executed; null: the last one was. */
    private Finding.@Nullable NotExecutable skipped;

    private long skippedRecords;

    /** Why there is no policy object to execute with. */
    private String noPolicy = "no INIT comes before it";

    ChainExecution(PolicyEngine engine, DecisionLog log) {
        this.engine = engine;
        this.log = log;
    }

    long identical() {
        return identical;
    }

    long cutShort() {
        return cutShort;
    }

    List<Finding> findings() {
        return findings;
    }

    void execute(LogRecord<Event> record) {
        PolicyDecided recorded = (PolicyDecided) record.event();
        if (recorded.sequence() != nextSequence && begun) {
            end(
                    "the state before it is unknown: decision %d should come here"
                            .formatted(nextSequence));
        }
        begun = true;
        nextSequence = recorded.sequence() + 1;
        if (recorded.call() == Call.INIT) {
            begin(recorded);
        }
        if (!recorded.outcome().reproducible()) {
            cutShort++;
            end("the call before it was cut short (" + recorded.outcome() + ")");
            return;
        }
        RecordedPolicy living = policy;
        if (living != null && (recorded.call() == Call.INIT || living.usable())) {
            execute(record, recorded, living);
        } else if (!restored(record, recorded)) {
            notExecutable(record, noPolicy);
        }
    }

    /** There are no more. */
    void finish() {
        vouch(null);
    }

    private void execute(LogRecord<Event> record, PolicyDecided recorded, RecordedPolicy living) {
        switch (living.reexecute(recorded, log::document)) {
            case Reexecution.WindowMissing(String windowId) -> {
                notExecutable(record, "window " + windowId + " is not in the log");
                end("the state before it is unknown");
            }
            case Reexecution.Executed(PolicyDecided executed) -> {
                if (executed.outcome().reproducible()) {
                    vouch(record);
                    compare(record, executed);
                } else {
                    notExecutable(record, "cut short here: " + executed.error());
                    end("the call before it was cut short here");
                }
            }
        }
    }

    /** Whether the state that was written down could be taken up. */
    private boolean restored(LogRecord<Event> record, PolicyDecided recorded) {
        PolicyDecided init = lastInit;
        if (init == null
                || recorded.call() != Call.SNAPSHOT
                || recorded.outcome() != Outcome.RETURNED
                || !init.policy().sha256().equals(recorded.policy().sha256())
                || !init.parameters().equals(recorded.parameters())) {
            return false;
        }
        String why = noPolicy;
        begin(init);
        RecordedPolicy fresh = policy;
        if (fresh != null
                && fresh.restore(List.of(init, recorded), log::document) instanceof Rebuilt.Same) {
            vouch(record);
            identical++;
            return true;
        }
        end(why);
        return false;
    }

    @Override
    public void close() {
        end("");
    }

    private void begin(PolicyDecided init) {
        end("");
        lastInit = init;
        PolicyArchive archive = log.archive(init.policy().sha256());
        if (archive == null) {
            noPolicy = "archive " + init.policy().sha256() + " is not in the log";
        } else {
            try {
                policy = policy(init, archive);
            } catch (IllegalArgumentException e) {
                noPolicy = "it can't have been made like this: " + e.getMessage();
            }
        }
    }

    /** Refused with an exception when the record says what no policy can be made of. */
    private RecordedPolicy policy(PolicyDecided init, PolicyArchive archive) {
        PolicyAssignment assignment =
                new PolicyAssignment(
                        init.blockId(),
                        init.kind(),
                        init.lane(),
                        init.policy(),
                        archive,
                        init.parameters(),
                        init.settings(),
                        init.input(),
                        log.schemas(init.policy().uri()));
        ChainPosition position =
                new ChainPosition(init.sequence(), init.previousHash(), init.incarnation());
        return new RecordedPolicy(engine, assignment, position, PolicyLimits.PATIENT);
    }

    private void end(String why) {
        RecordedPolicy living = policy;
        if (living != null) {
            living.close();
            policy = null;
        }
        noPolicy = why;
    }

    private void notExecutable(LogRecord<Event> record, String missing) {
        if (skipped == null) {
            skipped =
                    new Finding.NotExecutable(
                            DecisionLog.where(record), record.envelope().id(), missing);
        }
        skippedRecords++;
    }

    /** From this record on, decisions are executed again; null: from none. */
    private void vouch(@Nullable LogRecord<Event> record) {
        Finding.NotExecutable first = skipped;
        if (first != null) {
            findings.add(
                    new Finding.NotExecutable(
                            first.where(),
                            first.decisionId(),
                            first.missing(),
                            skippedRecords,
                            record == null
                                    ? null
                                    : record.envelope().id() + " at " + DecisionLog.where(record)));
            skipped = null;
            skippedRecords = 0;
        }
    }

    private void compare(LogRecord<Event> record, PolicyDecided executed) {
        PolicyDecided recorded = (PolicyDecided) record.event();
        String again = EventJson.text(Reexecution.asMeasured(executed, recorded));
        if (again.equals(record.value())) {
            identical++;
            return;
        }
        findings.add(Finding.Diverged.of(record, again));
    }
}

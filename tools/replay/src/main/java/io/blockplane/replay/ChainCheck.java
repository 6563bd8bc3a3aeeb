package io.blockplane.replay;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.log.LogRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks that the records of one chain are all there, unchanged and in their places, one after
 * another. Executes nothing. It goes by the numbers of the chain, never by offsets: these have
 * holes wherever a transaction ended.
 */
final class ChainCheck {

    private final boolean mayBeginLater;
    private final boolean maySkip;
    private final List<Finding> findings = new ArrayList<>();
    private String previousHash = DecisionChain.GENESIS;
    private long sequence;
    private boolean begun;
    private @Nullable PolicyDecided last;

    /**
     * Of a chain from its beginning on.
     *
     * @param mayBeginLater what comes before its first record was left out on purpose
     * @param maySkip so was what stands between its first record and a state that was written down
     */
    ChainCheck(boolean mayBeginLater, boolean maySkip) {
        this.mayBeginLater = mayBeginLater;
        this.maySkip = maySkip;
    }

    /** What is wrong, in order; empty when nothing is. */
    List<Finding> findings() {
        return findings;
    }

    /** One more record. */
    void next(LogRecord<Event> record) {
        PolicyDecided decided = (PolicyDecided) record.event();
        String hash = DecisionChain.sha256(record.value());
        String id = decided.id();
        if (!id.equals(record.envelope().id())) {
            broken(record, "ce_id is not " + id + ", which its value says");
        }
        if (!leftOut(decided)) {
            place(record, decided);
        }
        if (!hash.equals(record.hash())) {
            broken(
                    record,
                    "bp_hash %s… (expected: %s…, the hash of its value)"
                            .formatted(
                                    record.hash() == null ? "missing" : start(record.hash()),
                                    start(hash)));
        }
        previousHash = hash;
        sequence = decided.sequence() + 1;
        last = decided;
        begun = true;
    }

    private boolean leftOut(PolicyDecided decided) {
        PolicyDecided before = last;
        return !begun
                ? mayBeginLater
                : maySkip
                        && decided.call() == Call.SNAPSHOT
                        && before != null
                        && before.call() == Call.INIT
                        && decided.sequence() > sequence;
    }

    private void place(LogRecord<Event> record, PolicyDecided decided) {
        // Of a balancer's lane, the numbers between are those of its calls.
        boolean isLane = decided.kind() == Kind.ROUTE && decided.lane() != null;
        if (decided.sequence() > sequence && !isLane) {
            findings.add(
                    new Finding.Missing(
                            DecisionLog.where(record),
                            record.envelope().id(),
                            sequence,
                            decided.sequence() - 1));
        } else if (decided.sequence() < sequence) {
            broken(record, "sequence %d (expected: %d)".formatted(decided.sequence(), sequence));
        } else if (!decided.previousHash().equals(previousHash)) {
            broken(
                    record,
                    "previousHash %s… (expected: %s…, the hash of the record before)"
                            .formatted(start(decided.previousHash()), start(previousHash)));
        }
    }

    private void broken(LogRecord<Event> record, String reason) {
        findings.add(
                new Finding.ChainBroken(DecisionLog.where(record), record.envelope().id(), reason));
    }

    private static String start(String hash) {
        return hash.substring(0, Math.min(12, hash.length()));
    }
}

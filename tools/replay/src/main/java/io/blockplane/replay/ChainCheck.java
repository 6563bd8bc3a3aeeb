package io.blockplane.replay;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.log.LogRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks that the records of one chain are all there, unchanged and in their places. Executes
 * nothing.
 */
final class ChainCheck {

    private ChainCheck() {}

    /** What is wrong, in order; empty when nothing is. */
    static List<Finding> of(List<LogRecord<Event>> chain) {
        List<Finding> findings = new ArrayList<>();
        String previousHash = DecisionChain.GENESIS;
        long sequence = 0;
        for (LogRecord<Event> record : chain) {
            PolicyDecided decided = (PolicyDecided) record.event();
            String hash = DecisionChain.sha256(record.value());
            String id = decided.id();
            if (!id.equals(record.envelope().id())) {
                findings.add(broken(record, "ce_id is not " + id + ", which its value says"));
            }
            // Of a balancer's lane, the numbers between are those of its calls.
            boolean placed =
                    (decided.kind() == Kind.ROUTE && decided.lane() != null)
                            ? decided.sequence() >= sequence
                            : decided.sequence() == sequence;
            if (!placed) {
                findings.add(
                        broken(
                                record,
                                "sequence %d (expected: %d)"
                                        .formatted(decided.sequence(), sequence)));
            } else if (!decided.previousHash().equals(previousHash)) {
                findings.add(
                        broken(
                                record,
                                "previousHash %s… (expected: %s…, the hash of the record before)"
                                        .formatted(
                                                start(decided.previousHash()),
                                                start(previousHash))));
            }
            if (!hash.equals(record.hash())) {
                findings.add(
                        broken(
                                record,
                                "bp_hash %s… (expected: %s…, the hash of its value)"
                                        .formatted(
                                                record.hash() == null
                                                        ? "missing"
                                                        : start(record.hash()),
                                                start(hash))));
            }
            previousHash = hash;
            sequence = decided.sequence() + 1;
        }
        return findings;
    }

    private static Finding broken(LogRecord<Event> record, String reason) {
        return new Finding.ChainBroken(DecisionLog.where(record), record.envelope().id(), reason);
    }

    private static String start(String hash) {
        return hash.substring(0, Math.min(12, hash.length()));
    }
}

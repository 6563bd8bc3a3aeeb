package io.blockplane.replay;

import java.util.List;
import java.util.Optional;

/**
 * What verifying a log came to.
 *
 * @param decisions records of decisions and of calls of balancers read
 * @param identical executed again with the same bytes
 * @param cutShort ended by the machine (time limit, memory), which need not end the same way twice,
 *     or by balancers after a gap at the end of their lanes: checked for their place in the chain,
 *     not executed
 * @param before of them, those from before the selection, executed to have the policies' states
 * @param chains of one block and kind each
 * @param routings choices of balancers that come along, made again with the same result
 * @param findings what can't be read first; then chain by chain, what is wrong with its records
 *     before what came out otherwise; empty when all is well
 */
public record VerifyReport(
        long decisions,
        long identical,
        long cutShort,
        long before,
        int chains,
        long routings,
        List<Finding> findings) {

    public VerifyReport {
        findings = List.copyOf(findings);
    }

    /**
     * Whether the log holds: nothing missing but what a killed executor could not write, nothing
     * changed, everything comes out the same.
     */
    public boolean holds() {
        return findings.stream().allMatch(f -> f instanceof Finding.Gap gap && gap.atEnd())
                && identical + cutShort == decisions;
    }

    /** The first decision that came out otherwise; empty when none did. */
    public Optional<Finding.Diverged> firstDivergence() {
        return findings.stream()
                .filter(Finding.Diverged.class::isInstance)
                .map(Finding.Diverged.class::cast)
                .findFirst();
    }

    public boolean chainIntact() {
        return findings.stream()
                .noneMatch(f ->
                        f instanceof Finding.ChainBroken
                                || f instanceof Finding.Missing
                                || f instanceof Finding.Unreadable);
    }

    /** One line. */
    public String summary() {
        return "%,d decisions%s, %,d identical%s, chain %s%s"
                .formatted(
                        decisions,
                        before == 0 ? "" : " (%,d from before, for the state)".formatted(before),
                        identical,
                        cutShort == 0 ? "" : ", %,d cut short".formatted(cutShort),
                        chainIntact() ? "intact" : "BROKEN",
                        routings == 0 ? "" : "; %,d native routings the same".formatted(routings));
    }
}

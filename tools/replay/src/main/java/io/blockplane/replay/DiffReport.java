package io.blockplane.replay;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a candidate decides on the recorded inputs, beside what was decided. It says nothing of what
 * would have come of it: from its first other decision on, the inputs are not those that the
 * candidate would have got.
 *
 * @param groups most frequent first
 */
public record DiffReport(String candidate, List<ChainDiff> chains, List<Group> groups) {

    public DiffReport {
        chains = List.copyOf(chains);
        groups = List.copyOf(groups);
    }

    /**
     * One chain of decisions.
     *
     * @param compared decisions that the candidate was given the inputs of
     * @param differing of them, those that it decides otherwise
     * @param valid decisions before the first of those: there the candidate had exactly the inputs
     *     that it would have had
     * @param first id of the first one; null: none
     * @param notCompared why the rest was not, or some were left out; null: all were compared
     */
    public record ChainDiff(
            String chain,
            long compared,
            long differing,
            long valid,
            @Nullable String first,
            @Nullable String notCompared) {}

    /**
     * Differences of one cause.
     *
     * @param recorded what was decided
     * @param candidate what the candidate decides
     * @param recordedReason with its numbers left out
     * @param candidateReason with its numbers left out
     * @param firstId of the first decision
     * @param example of the first decision, with all numbers
     */
    public record Group(
            String recorded,
            String candidate,
            String recordedReason,
            String candidateReason,
            long count,
            String firstId,
            String lastId,
            String example,
            Means there) {}

    /** Means over the windows of some decisions: of the block, over the minute before. */
    public record Means(double inputTokensPerMinute, double latencyP99Seconds, double queued) {}

    public long compared() {
        return chains.stream().mapToLong(ChainDiff::compared).sum();
    }

    public long differing() {
        return chains.stream().mapToLong(ChainDiff::differing).sum();
    }

    /** For people. */
    public String text() {
        StringBuilder out = new StringBuilder();
        out.append(
                "%s on %,d recorded inputs: %,d decided otherwise%n"
                        .formatted(candidate, compared(), differing()));
        for (ChainDiff chain : chains) {
            out.append(
                    "  %-28s %,d compared, %,d otherwise; %s%s%n"
                            .formatted(
                                    chain.chain,
                                    chain.compared,
                                    chain.differing,
                                    chain.first == null
                                            ? "all of them valid: it never differs"
                                            : "the first %,d are valid, then %s differs"
                                                    .formatted(chain.valid, chain.first),
                                    chain.notCompared == null ? "" : "; " + chain.notCompared));
        }
        for (Group group : groups) {
            out.append(
                    "  %,d times  %s -> %s%n"
                            .formatted(group.count, group.recorded, group.candidate));
            out.append("      because  %s%n".formatted(group.candidateReason));
            out.append("      not      %s%n".formatted(group.recordedReason));
            out.append(
                    "      at       %,.0f tokens/min in, p99 %.1f ms, %.1f queued (means of the block)%n"
                            .formatted(
                                    group.there.inputTokensPerMinute,
                                    group.there.latencyP99Seconds * 1000,
                                    group.there.queued));
            out.append(
                    "      from     %s to %s; the first: %s%n"
                            .formatted(group.firstId, group.lastId, group.example));
        }
        out.append(
                """
                This claims no outcome. Each decision was made on the inputs that were recorded, as the
                recorded policy left them: after the first other decision of a chain they are not what the
                candidate would have seen. Whether it does better is for a backtest to say.
                """);
        return out.toString();
    }
}

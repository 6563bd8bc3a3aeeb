package io.blockplane.control.core;

import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The policies of a block for one thing that policies decide.
 *
 * @param active decides; null: there was never one
 * @param quarantined whether the active one is not run any more
 * @param candidate is being checked; null: none is
 * @param shadow decides beside the active one, without effect; null: none does
 * @param earlier decided before the active one, oldest first: what a rollback goes back to
 */
public record BlockPolicy(
        @Nullable PolicyBinding active,
        boolean quarantined,
        @Nullable Candidate candidate,
        @Nullable PolicyBinding shadow,
        List<PolicyBinding> earlier) {

    /** Earlier policies remembered. The oldest one is forgotten when one more comes. */
    public static final int EARLIER = 16;

    static final BlockPolicy NONE = new BlockPolicy(null, false, null, null, List.of());

    /**
     * A policy under check.
     *
     * @param version of the event that proposed it: its name until the check is done
     */
    public record Candidate(long version, PolicyBinding binding, Stage stage) {}

    public BlockPolicy {
        earlier = List.copyOf(earlier);
    }

    /** Whether a version is active, under check, a shadow, or may be rolled back to. */
    public boolean uses(String policyUri) {
        Candidate checked = candidate;
        return Stream.of(
                        Stream.ofNullable(active),
                        Stream.ofNullable(shadow),
                        checked == null
                                ? Stream.<PolicyBinding>empty()
                                : Stream.of(checked.binding),
                        earlier.stream())
                .flatMap(bindings -> bindings)
                .anyMatch(binding -> binding.policyUri().equals(policyUri));
    }

    static BlockPolicy of(PolicyBinding active) {
        return new BlockPolicy(active, false, null, null, List.of());
    }

    BlockPolicy checking(Candidate next) {
        return new BlockPolicy(active, quarantined, next, shadow, earlier);
    }

    BlockPolicy checked() {
        return new BlockPolicy(active, quarantined, null, shadow, earlier);
    }

    BlockPolicy shadowing(@Nullable PolicyBinding next) {
        return new BlockPolicy(active, quarantined, candidate, next, earlier);
    }

    BlockPolicy quarantinedNow() {
        return new BlockPolicy(active, true, candidate, shadow, earlier);
    }

    /** The checked one takes over. One that was quarantined is not gone back to. */
    BlockPolicy activated(PolicyBinding next) {
        List<PolicyBinding> longer = new ArrayList<>(earlier);
        if (active != null && !quarantined) {
            longer.add(active);
        }
        int forgotten = Math.max(0, longer.size() - EARLIER);
        return new BlockPolicy(next, false, null, shadow, longer.subList(forgotten, longer.size()));
    }

    /** The newest earlier one takes over again; the one that it follows is not gone back to. */
    BlockPolicy rolledBack() {
        return new BlockPolicy(
                earlier.getLast(),
                false,
                candidate,
                shadow,
                earlier.subList(0, earlier.size() - 1));
    }
}

package io.blockplane.executor.core;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.InstanceAddress;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A block's instances as far as routing is concerned: the fold of its events.
 *
 * @param version of the last event in it
 * @param members by instance id; a stopped one is not here
 */
public record InstanceSet(long version, SortedMap<String, Member> members) {

    public static final InstanceSet EMPTY = new InstanceSet(0, Collections.emptySortedMap());

    public InstanceSet {
        members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
    }

    /** What may be done with an instance. */
    public sealed interface Member {

        /** Which run of the instance, from 1. */
        int generation();

        /** Not serving yet, or not again yet. */
        record Starting(int generation) implements Member {}

        /** Gets tasks. */
        record Routable(int generation, InstanceAddress address) implements Member {}

        /**
         * Gets none and finishes those it has; to be reported once it has none.
         *
         * @param address absent when it never served
         */
        record Draining(int generation, @Nullable InstanceAddress address) implements Member {}

        /** Has none, and the control plane knows. */
        record Drained(int generation) implements Member {}
    }

    /**
     * The set after one more event of the block.
     *
     * @throws IllegalStateException when events between are missing: the set would be wrong
     */
    public InstanceSet apply(BlockEvent event) {
        if (event instanceof BlockEvent.CommandRefused || event.version() <= version) {
            // A refusal changes nothing; an event seen already changed all it had to.
            return this;
        }
        if (event.version() != version + 1) {
            throw new IllegalStateException(
                    "block %s: event version %d follows %d (expected: %d)"
                            .formatted(event.blockId(), event.version(), version, version + 1));
        }
        SortedMap<String, Member> next = new TreeMap<>(members);
        switch (event) {
            case BlockEvent.BlockCreated _,
                    BlockEvent.ScaleApplied _,
                    BlockEvent.PolicyChange _,
                    BlockEvent.CommandRefused _ -> {}
            case BlockEvent.InstanceRequested requested ->
                    next.put(requested.instanceId(), new Member.Starting(1));
            case BlockEvent.InstanceReady ready ->
                    next.put(ready.instanceId(), ready(members.get(ready.instanceId()), ready));
            case BlockEvent.InstanceLost lost ->
                    next.put(lost.instanceId(), lost(members.get(lost.instanceId()), lost));
            case BlockEvent.InstanceDraining draining ->
                    next.put(draining.instanceId(), draining(members.get(draining.instanceId())));
            case BlockEvent.InstanceDrained drained ->
                    next.computeIfPresent(
                            drained.instanceId(),
                            (_, member) -> new Member.Drained(member.generation()));
            case BlockEvent.InstanceStopped stopped -> next.remove(stopped.instanceId());
        }
        return new InstanceSet(event.version(), next);
    }

    /** One that goes does not come back, however late its first sign of life. */
    private static Member ready(@Nullable Member before, BlockEvent.InstanceReady ready) {
        return before instanceof Member.Draining || before instanceof Member.Drained
                ? new Member.Draining(ready.generation(), ready.address())
                : new Member.Routable(ready.generation(), ready.address());
    }

    private static Member lost(@Nullable Member before, BlockEvent.InstanceLost lost) {
        return before instanceof Member.Draining || before instanceof Member.Drained
                ? new Member.Draining(lost.nextGeneration(), null)
                : new Member.Starting(lost.nextGeneration());
    }

    private static Member draining(@Nullable Member before) {
        return switch (before) {
            case null -> new Member.Draining(1, null);
            case Member.Starting(int generation) -> new Member.Draining(generation, null);
            case Member.Routable(int generation, InstanceAddress address) ->
                    new Member.Draining(generation, address);
            case Member.Draining draining -> draining;
            case Member.Drained drained -> drained;
        };
    }
}

package io.blockplane.executor;

import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.FairQueue;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What a Predict call finds at a {@link Router}. */
sealed interface Pick {

    record Picked(Router.Lease lease) implements Pick {}

    /** No instance may be routed to. */
    record NoInstance() implements Pick {}

    /** Each has as many tasks as it may have; {@link Waiting#place} will tell. */
    record Waits(Waiting call) implements Pick {}

    /**
     * There is no sense in waiting.
     *
     * @param waiting calls
     * @param retryAfter when there may be
     */
    record Shed(RouterWatch.Shed why, int waiting, Duration retryAfter) implements Pick {}

    /** A Predict call that waits. */
    final class Waiting {
        final PacketFacts packet;
        final int bytes;
        final Set<String> avoid;
        private final CompletableFuture<Pick> place = new CompletableFuture<>();

        /** Belongs to the router's lock. */
        FairQueue.@Nullable Place<Waiting> queued;

        Waiting(PacketFacts packet, int bytes, Set<String> avoid) {
            this.packet = packet;
            this.bytes = bytes;
            this.avoid = avoid;
        }

        /** {@code Picked} or {@code NoInstance}; cancelled by {@link Router#giveUp}. */
        CompletableFuture<Pick> place() {
            return place;
        }
    }
}

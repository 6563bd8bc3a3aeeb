package io.blockplane.runner;

import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command.ScaleBlock;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.Kafka;
import io.blockplane.policy.PolicyEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The autoscaler of one block, on a thread of its own: takes the newest window that is due, lets
 * the policy decide, and goes on when the decision is durable. Windows that close while a decision
 * is being made are skipped for the newest.
 */
final class BlockLane implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BlockLane.class);

    private final String blockId;
    private final Surroundings around;
    private final Autoscaler autoscaler;
    private final AtomicReference<@Nullable WindowClosed> newest = new AtomicReference<>();
    private final Semaphore arrived = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closing;
    private volatile @Nullable Throwable failure;

    /** What all lanes of a runner share. */
    record Surroundings(
            Kafka kafka,
            String source,
            PolicyEngine engine,
            BlockView blocks,
            PolicyCatalogue policies,
            DecisionWriter writer) {}

    private BlockLane(String blockId, Surroundings around, DecisionHistory.OfBlock recorded) {
        this.blockId = blockId;
        this.around = around;
        this.autoscaler = new Autoscaler(blockId, around.engine, around.kafka, recorded);
        this.thread = Thread.ofVirtual().name("lane-" + blockId).unstarted(this::run);
    }

    static BlockLane start(String blockId, Surroundings around, DecisionHistory.OfBlock recorded) {
        BlockLane lane = new BlockLane(blockId, around, recorded);
        lane.thread.start();
        return lane;
    }

    /** Called by the reader of windows; never blocks. */
    void offer(WindowClosed window) {
        newest.set(window);
        arrived.release();
    }

    /** Why this block is not scaled any more; null while all is well. */
    @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public void close() {
        closing = true;
        arrived.release();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        autoscaler.close();
    }

    private void run() {
        while (!closing) {
            try {
                arrived.acquire();
                arrived.drainPermits();
                WindowClosed window = newest.getAndSet(null);
                if (window != null && !closing) {
                    decide(window);
                }
            } catch (InterruptedException e) {
                return;
            } catch (ExecutionException | RuntimeException e) {
                failure = e;
                // The writer is broken, or this is a bug: either way the policy's state is ahead of
                // the log.
                LOG.atError()
                        .addKeyValue("blockId", blockId)
                        .setCause(e)
                        .log("lane stopped: this block is not scaled any more by this runner");
                return;
            }
        }
    }

    private void decide(WindowClosed window) throws InterruptedException, ExecutionException {
        Optional<BlockView.Block> block = around.blocks.block(blockId);
        PolicyBinding binding =
                block.map(b -> b.spec().policies().get(Autoscaler.POLICY_NAME)).orElse(null);
        if (block.isEmpty() || binding == null) {
            return;
        }
        Optional<PolicyCatalogue.Version> version = around.policies.version(binding.policyUri());
        if (version.isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("blockId", blockId)
                    .addKeyValue("policyUri", binding.policyUri())
                    .log("policy is not in the log (yet)");
            return;
        }
        List<PolicyDecided> decisions =
                autoscaler.decide(block.get(), binding, version.get(), window);
        if (!decisions.isEmpty()) {
            around.writer.append(events(decisions, window)).get();
        }
    }

    private List<Envelope<? extends Event>> events(
            List<PolicyDecided> decisions, WindowClosed window) {
        String windowId = WindowClosed.id(blockId, window.asOfMs());
        List<Envelope<? extends Event>> events = new ArrayList<>();
        for (PolicyDecided decision : decisions) {
            String decisionId = decision.id();
            events.add(
                    new Envelope<>(
                            decisionId,
                            around.source,
                            decision.logicalTimeMs(),
                            windowId,
                            windowId,
                            decision));
            PolicyDecided.ScaleAction action = decision.action();
            if (action.operation() != Operation.NONE) {
                events.add(
                        new Envelope<>(
                                "cmd-" + decisionId,
                                around.source,
                                System.currentTimeMillis(),
                                windowId,
                                decisionId,
                                new ScaleBlock(
                                        blockId,
                                        action.operation(),
                                        action.count(),
                                        action.instanceIds(),
                                        action.reason())));
            }
        }
        return events;
    }
}

package io.blockplane.instances.llmsim;

import io.blockplane.llm.LlmEngine;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An engine that takes the time that it says, on a thread of its own. Its clock goes on from step
 * to step, so what a step's pause was too long the next one's is shorter.
 */
final class RealTimeEngine implements AutoCloseable {

    private static final double NANOS_PER_MS = 1e6;

    private final double speed;
    private final LlmEngine<Run> engine;
    private final Queue<Run> arrivals = new ArrayDeque<>();
    private final Queue<Run> cancelled = new ArrayDeque<>();
    private final Thread thread;
    private volatile boolean closing;

    /** One request in the engine. Used by one thread. */
    final class Run implements AutoCloseable {

        private final int promptTokens;
        private final int outputTokens;
        private final Semaphore written = new Semaphore(0);
        private int taken;

        private Run(int promptTokens, int outputTokens) {
            this.promptTokens = promptTokens;
            this.outputTokens = outputTokens;
        }

        /** Waits for the next token; false when there is none any more. */
        boolean awaitToken() throws InterruptedException {
            if (taken == outputTokens) {
                return false;
            }
            written.acquire();
            taken++;
            return !closing;
        }

        /** Gives up what is left. */
        @Override
        public void close() {
            if (taken < outputTokens) {
                synchronized (arrivals) {
                    cancelled.add(this);
                }
                LockSupport.unpark(thread);
            }
        }
    }

    RealTimeEngine(LlmSimSettings settings) {
        this.speed = settings.speed();
        this.engine = new LlmEngine<>(settings.times(), settings.limits(), settings.seed());
        this.thread = Thread.ofPlatform().daemon().name("llm-sim").start(this::run);
    }

    /** Hands a request in; there is always a place, because callers are fewer than it holds. */
    Run begin(int promptTokens, int outputTokens) {
        Run run = new Run(promptTokens, outputTokens);
        synchronized (arrivals) {
            arrivals.add(run);
        }
        LockSupport.unpark(thread);
        return run;
    }

    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        long clock = System.nanoTime();
        while (!closing) {
            takeIn();
            LlmEngine.@Nullable Step<Run> step = engine.step();
            if (step == null) {
                LockSupport.park(this);
                clock = System.nanoTime();
            } else {
                clock += (long) (step.ms() * NANOS_PER_MS / speed);
                pauseUntil(clock);
                step.wrote().forEach(run -> run.written.release());
            }
        }
    }

    private void takeIn() {
        synchronized (arrivals) {
            for (Run run = arrivals.poll(); run != null; run = arrivals.poll()) {
                LlmEngine.Offer offer = engine.offer(run, run.promptTokens, run.outputTokens);
                if (offer != LlmEngine.Offer.TAKEN) {
                    throw new IllegalStateException("a checked request was not taken: " + offer);
                }
            }
            cancelled.forEach(engine::cancel);
            cancelled.clear();
        }
    }

    private void pauseUntil(long moment) {
        for (long left = moment - System.nanoTime();
                left > 0 && !closing;
                left = moment - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }
}

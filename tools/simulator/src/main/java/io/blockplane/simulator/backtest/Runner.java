package io.blockplane.simulator.backtest;

import io.blockplane.simulator.RunTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Runs many simulations, some at a time. What comes out does not depend on how many. */
public final class Runner implements AutoCloseable {

    private final ExecutorService threads;
    private final Consumer<String> progress;

    /**
     * Makes one.
     *
     * @param parallel runs at a time, at least 1
     * @param progress hears in words what is being done; from several threads
     */
    public Runner(int parallel, Consumer<String> progress) {
        if (parallel < 1) {
            throw new IllegalArgumentException("parallel: " + parallel + " (expected: >= 1)");
        }
        this.threads =
                Executors.newFixedThreadPool(
                        parallel, Thread.ofPlatform().daemon().name("simulation-", 0).factory());
        this.progress = progress;
    }

    void says(String what) {
        progress.accept(what);
    }

    /** All contenders on one seed, in their order. */
    List<RunTrace> all(List<Contender> contenders, long seed) {
        List<Future<RunTrace>> running = new ArrayList<>();
        contenders.forEach(c -> running.add(threads.submit(() -> c.run(seed))));
        return await(running);
    }

    /** One contender on all seeds, in their order. */
    List<RunTrace> all(Contender contender, List<Long> seeds) {
        List<Future<RunTrace>> running = new ArrayList<>();
        seeds.forEach(seed -> running.add(threads.submit(() -> contender.run(seed))));
        return await(running);
    }

    private static List<RunTrace> await(List<Future<RunTrace>> running) {
        List<RunTrace> done = new ArrayList<>();
        try {
            for (Future<RunTrace> run : running) {
                done.add(run.get());
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return done;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}

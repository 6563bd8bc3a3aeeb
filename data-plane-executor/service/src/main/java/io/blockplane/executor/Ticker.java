package io.blockplane.executor;

import io.blockplane.events.Envelope;
import io.blockplane.events.TaskEvent.Ticked;
import java.time.Clock;
import java.util.function.ToIntFunction;

/**
 * Writes one {@link Ticked} per block at each full second, after all events before it. After a
 * pause of the whole process it goes on with the present second: time in the log jumps as it did
 * for us.
 */
final class Ticker implements AutoCloseable {

    private static final long SECOND_MS = 1000;

    private final Blocks blocks;
    private final ToIntFunction<Block> queued;
    private final TaskLog taskLog;
    private final Clock clock;
    private final String executorId;
    private final Thread thread;

    private Ticker(
            Blocks blocks,
            ToIntFunction<Block> queued,
            TaskLog taskLog,
            Clock clock,
            String executorId) {
        this.blocks = blocks;
        this.queued = queued;
        this.taskLog = taskLog;
        this.clock = clock;
        this.executorId = executorId;
        this.thread = Thread.ofVirtual().name("ticker").unstarted(this::run);
    }

    /**
     * Starts with the next full second.
     *
     * @param queued tasks of a block that were accepted and are not with an instance
     */
    static Ticker start(
            Blocks blocks,
            ToIntFunction<Block> queued,
            TaskLog taskLog,
            Clock clock,
            String executorId) {
        Ticker ticker = new Ticker(blocks, queued, taskLog, clock, executorId);
        ticker.thread.start();
        return ticker;
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            long next = secondOf(clock.millis()) + SECOND_MS;
            while (true) {
                for (long now = clock.millis(); now < next; now = clock.millis()) {
                    Thread.sleep(next - now);
                }
                long atMs = Math.max(next, secondOf(clock.millis()));
                blocks.all().forEach(block -> tick(block, atMs));
                next = atMs + SECOND_MS;
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void tick(Block block, long atMs) {
        Router router = block.router();
        router.tick();
        Ticked ticked =
                new Ticked(
                        block.id(),
                        executorId,
                        atMs,
                        queued.applyAsInt(block) + router.standing().waiting(),
                        router.loads());
        Envelope<Ticked> envelope =
                new Envelope<>(
                        "tick-" + block.id() + "-" + executorId + "-" + atMs,
                        "/executor/" + executorId,
                        atMs,
                        null,
                        null,
                        ticked);
        taskLog.submit(_ -> new TaskLog.Entry(envelope, null, null));
    }

    private static long secondOf(long ms) {
        return ms - Math.floorMod(ms, SECOND_MS);
    }
}

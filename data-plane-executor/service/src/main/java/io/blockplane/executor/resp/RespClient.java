package io.blockplane.executor.resp;

import io.blockplane.executor.resp.RespConnection.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;

/**
 * A connection for callers that must not wait: commands are queued, and sent in order by a thread
 * of its own, as many at once as there are. Thread safe.
 */
public final class RespClient implements AutoCloseable {

    /** Commands that wait; more are not sent. */
    static final int MAX_WAITING = 4096;

    /** Commands that are sent at once. */
    static final int MAX_BATCH = 128;

    private final RespConnection connection;
    private final BlockingQueue<Waiting> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Thread thread;
    private volatile boolean closed;

    /** Connects when the first command comes. */
    public RespClient(String host, int port) {
        this.connection = new RespConnection(host, port);
        this.thread = Thread.ofVirtual().name("redis-" + host + ":" + port).start(this::run);
    }

    private record Waiting(Command command, CompletableFuture<Outcome> outcome) {}

    /** Never blocks, never completes exceptionally. */
    public CompletableFuture<Outcome> call(Command command) {
        Waiting call = new Waiting(command, new CompletableFuture<>());
        if (!waiting.offer(call)) {
            call.outcome()
                    .complete(
                            new Outcome.NotSent(
                                    MAX_WAITING + " commands wait for this connection"));
        } else if (closed) {
            refuseAll();
        }
        return call.outcome();
    }

    /** What waits is not sent. */
    @Override
    public void close() {
        closed = true;
        connection.close();
        thread.interrupt();
        refuseAll();
    }

    private void run() {
        try {
            while (!closed) {
                List<Waiting> batch = new ArrayList<>();
                batch.add(waiting.take());
                waiting.drainTo(batch, MAX_BATCH - 1);
                List<Outcome> outcomes =
                        connection.exchange(batch.stream().map(Waiting::command).toList());
                for (int i = 0; i < batch.size(); i++) {
                    batch.get(i).outcome().complete(outcomes.get(i));
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
        refuseAll();
    }

    private void refuseAll() {
        List<Waiting> rest = new ArrayList<>();
        waiting.drainTo(rest);
        rest.forEach(call -> call.outcome().complete(new Outcome.NotSent("closed")));
    }
}

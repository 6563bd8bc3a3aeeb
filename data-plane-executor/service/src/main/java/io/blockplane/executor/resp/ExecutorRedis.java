package io.blockplane.executor.resp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What AIOSv1 expects of the Redis beside an executor, on a port of its own: packets in, answers of
 * instances, metrics documents, and lists for instances that have no Redis of their own.
 */
public final class ExecutorRedis implements AutoCloseable {

    private final HostedLists lists;
    private final ScheduledExecutorService timer;
    private final RespServer server;

    private ExecutorRedis(HostedLists lists, ScheduledExecutorService timer, RespServer server) {
        this.lists = lists;
        this.timer = timer;
        this.server = server;
    }

    /**
     * Serves when it returns.
     *
     * @throws IOException when the port can't be had
     */
    public static ExecutorRedis start(InetSocketAddress address, Intake intake, Answers answers)
            throws IOException {
        HostedLists lists = new HostedLists();
        ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("resp-timer").factory());
        try {
            return new ExecutorRedis(
                    lists,
                    timer,
                    RespServer.start(
                            address, () -> new ExecutorSession(intake, answers, lists, timer)));
        } catch (IOException e) {
            timer.shutdownNow();
            throw e;
        }
    }

    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
        lists.close();
        timer.shutdownNow();
    }
}

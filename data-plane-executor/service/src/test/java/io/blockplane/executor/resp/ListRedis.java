package io.blockplane.executor.resp;

import io.blockplane.executor.resp.HostedLists.Waiter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A Redis of somebody else's, as far as lists go: any key, no meaning. */
public final class ListRedis implements AutoCloseable {

    private final HostedLists lists = new HostedLists();
    private final RespServer server;

    public ListRedis(int port) throws IOException {
        this.server =
                RespServer.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        Session::new);
    }

    public int port() {
        return server.port();
    }

    public int length(String key) {
        return lists.length(key);
    }

    /** All that a list holds, oldest first; it is empty then. */
    public List<byte[]> drain(String key) {
        List<byte[]> all = new ArrayList<>();
        while (lists.length(key) > 0) {
            all.add(lists.pop(List.of(key)).popped().join().element().bytes());
        }
        return all;
    }

    @Override
    public void close() {
        server.close();
        lists.close();
    }

    private final class Session implements RespServer.Session {

        @Override
        public CompletableFuture<Reply> handle(Command command) {
            return switch (command.name()) {
                case "LPUSH" -> {
                    lists.push(command.text(1), command.part(2));
                    yield now(new Reply.Whole(lists.length(command.text(1))));
                }
                case "BRPOP" -> {
                    Waiter waiter = lists.pop(List.of(command.text(1)));
                    yield waiter.popped()
                            .thenApply(popped ->
                                    popped == null
                                            ? new Reply.NullList()
                                            : new Reply.Many(
                                                    List.of(
                                                            Reply.Bulk.of(popped.key()),
                                                            popped.element())));
                }
                case "LLEN" -> now(new Reply.Whole(lists.length(command.text(1))));
                case "LREM" -> now(new Reply.Whole(lists.remove(command.text(1), command.part(3))));
                default -> now(new Reply.Simple("PONG"));
            };
        }

        @Override
        public void close() {}
    }

    private static CompletableFuture<Reply> now(Reply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}

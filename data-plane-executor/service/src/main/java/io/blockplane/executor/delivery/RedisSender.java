package io.blockplane.executor.delivery;

import io.blockplane.executor.resp.Command;
import io.blockplane.executor.resp.Reply;
import io.blockplane.executor.resp.RespConnection;
import io.blockplane.executor.resp.RespConnection.Outcome;
import java.util.List;
import java.util.Set;

/** Pushes results to the lists of one Redis. */
final class RedisSender implements Sender {

    /** Codes of refusals that pass: Redis loads, fails over, is out of memory. */
    private static final Set<String> PASSING =
            Set.of("LOADING", "BUSY", "TRYAGAIN", "MASTERDOWN", "READONLY", "OOM", "CLUSTERDOWN");

    private final RespConnection connection;

    RedisSender(String host, int port) {
        this.connection = new RespConnection(host, port);
    }

    @Override
    public List<Sent> send(List<Delivery.Part> parts) {
        List<Command> commands = parts.stream().map(RedisSender::command).toList();
        return connection.exchange(commands).stream().map(RedisSender::sent).toList();
    }

    @Override
    public void close() {
        connection.close();
    }

    private static Command command(Delivery.Part part) {
        if (part.destination() instanceof Destination.RedisList list) {
            return Command.of("LPUSH", list.queueName()).with(part.delivery().packet());
        }
        throw new IllegalStateException(part.destination() + " is no list");
    }

    private static Sent sent(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Replied(Reply.Failure(String text)) ->
                    PASSING.contains(text.split(" ", 2)[0])
                            ? new Sent.Again(text)
                            : new Sent.Never(text);
            case Outcome.Replied _ -> new Sent.Delivered();
            case Outcome.NotSent(String detail) -> new Sent.Again(detail);
            case Outcome.NoReply(String detail) -> new Sent.Again(detail);
        };
    }
}

package io.blockplane.executor.transport;

import io.blockplane.events.InstanceAddress;
import io.blockplane.executor.packet.Tagged;
import io.blockplane.executor.resp.Command;
import io.blockplane.executor.resp.Reply;
import io.blockplane.executor.resp.RespClient;
import io.blockplane.executor.resp.RespConnection.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code redis}: instances of the AIOSv1 SDK, as they are. A task goes into the list {@code
 * <block_id>_inputs} of the instance's Redis, and the answer comes into {@code OUTPUT} of ours.
 *
 * <p>What is not answered within its limit has expired. When the instance goes away, what it had
 * not taken from its list is taken back out of it, and the rest is lost: both are tried elsewhere.
 */
public final class RedisTransport implements Transport {

    public static final String NAME = "redis";

    /** How long a closed transport waits to hear whether a task was taken. */
    static final Duration TAKE_BACK_LIMIT = Duration.ofSeconds(1);

    private static final Pattern TARGET = Pattern.compile("(.+):([0-9]{1,5})");

    private final TasksInHand inHand;
    private final String target;
    private final String key;
    private final RespClient client;
    private final Set<RedisFlight> flights = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private RedisTransport(TasksInHand inHand, String blockId, String host, int port) {
        this.inHand = inHand;
        this.target = host + ":" + port;
        this.key = blockId + "_inputs";
        this.client = new RespClient(host, port);
    }

    /** Opens ways whose answers come to these tasks. */
    public static Transport.Factory with(TasksInHand inHand) {
        return (blockId, address) -> open(inHand, blockId, address);
    }

    private static RedisTransport open(
            TasksInHand inHand, String blockId, InstanceAddress address) {
        Matcher target = TARGET.matcher(address.target());
        if (!address.transport().equals(NAME) || !target.matches()) {
            throw new IllegalArgumentException(
                    "transport: %s %s (expected: %s <host>:<port>)"
                            .formatted(address.transport(), address.target(), NAME));
        }
        return new RedisTransport(
                inHand, blockId, target.group(1), Integer.parseInt(target.group(2)));
    }

    @Override
    public Flight start(Work work, Listener listener) {
        long number = inHand.nextNumber();
        RedisFlight flight =
                new RedisFlight(
                        number, Tagged.packet(work.packet(), number), work, listener, this::over);
        flights.add(flight);
        inHand.add(flight);
        flight.timeout(inHand.after(work.limit(), () -> expire(flight, work)));
        var _ =
                client.call(Command.of("LPUSH", key).with(flight.packet()))
                        .thenAccept(outcome -> handedOver(flight, outcome));
        if (closed) {
            var _ = takeBack(flight);
        }
        return flight;
    }

    @Override
    public void close() {
        closed = true;
        List<RedisFlight> open = List.copyOf(flights);
        var _ =
                CompletableFuture.allOf(
                                open.stream()
                                        .map(this::takeBack)
                                        .toArray(CompletableFuture<?>[]::new))
                        .whenComplete((_, _) -> client.close());
    }

    private void handedOver(RedisFlight flight, Outcome outcome) {
        switch (outcome) {
            case Outcome.Replied(Reply.Failure(String text)) ->
                    flight.end(new Attempt.NotTaken(target + ": " + text));
            case Outcome.Replied _ -> {
                // It is in the list.
            }
            case Outcome.NotSent(String detail) -> flight.end(new Attempt.NotTaken(detail));
            case Outcome.NoReply(String detail) -> flight.end(new Attempt.Lost(detail));
        }
    }

    private void expire(RedisFlight flight, Work work) {
        flight.end(
                new Attempt.Expired(target + ": nothing came into OUTPUT within " + work.limit()));
    }

    /** Called once for each. What was given up is not to be worked on any more. */
    private void over(RedisFlight flight, Attempt attempt) {
        flights.remove(flight);
        inHand.remove(flight);
        switch (attempt) {
            case Attempt.Expired _, Attempt.Abandoned _ -> {
                var _ = client.call(removal(flight));
            }
            case Attempt.Answered _, Attempt.NotTaken _, Attempt.Lost _, Attempt.Refused _ -> {}
        }
    }

    /** The instance is gone: nobody had it when it is still in the list. */
    private CompletableFuture<?> takeBack(RedisFlight flight) {
        return client.call(removal(flight))
                .completeOnTimeout(
                        new Outcome.NoReply("no answer from " + target),
                        TAKE_BACK_LIMIT.toMillis(),
                        TimeUnit.MILLISECONDS)
                .thenAccept(outcome -> {
                    boolean there =
                            outcome instanceof Outcome.Replied(Reply.Whole(long count))
                                    && count > 0;
                    flight.end(
                            there
                                    ? new Attempt.NotTaken(target + ": the instance is gone")
                                    : new Attempt.Lost(target + ": the instance is gone"));
                });
    }

    private Command removal(RedisFlight flight) {
        return Command.of("LREM", key, "-1").with(flight.packet());
    }
}

package io.blockplane.executor.resp;

import io.blockplane.executor.packet.Tagged;
import io.blockplane.executor.resp.HostedLists.Popped;
import io.blockplane.executor.resp.HostedLists.Waiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One connection to what AIOSv1 knows as the Redis of an executor. It is no Redis: a key is a place
 * where something is taken in or given out, and any other key, like any other command, is an error
 * that names it.
 */
final class ExecutorSession implements RespServer.Session {

    static final String EXECUTOR_INPUTS = "EXECUTOR_INPUTS";
    static final String OUTPUT = "OUTPUT";
    static final String NODE_METRICS = "NODE_METRICS";
    static final String EVENTS_QUEUE = "EVENTS_QUEUE";
    static final String PARAMETER_UPDATES = "PARAMETER_UPDATES";
    static final String INPUTS_SUFFIX = "_inputs";

    /** The longest that a blocking pop may ask to wait; 0 is for ever. */
    static final Duration MAX_WAIT = Duration.ofDays(1);

    private static final int TAKEN_TO_PRUNE = 256;

    private final Intake intake;
    private final Answers answers;
    private final HostedLists lists;
    private final ScheduledExecutorService timer;

    // Under this object's lock.
    private final Set<Waiter> waiting = new HashSet<>();
    private final Set<Long> taken = new HashSet<>();
    private boolean closed;

    ExecutorSession(
            Intake intake, Answers answers, HostedLists lists, ScheduledExecutorService timer) {
        this.intake = intake;
        this.answers = answers;
        this.lists = lists;
        this.timer = timer;
    }

    @Override
    public CompletableFuture<Reply> handle(Command command) {
        return switch (command.name()) {
            case "LPUSH" -> arguments(command, 3) ? push(command) : wrongNumber(command);
            case "RPUSH" -> arguments(command, 3) ? pushRight(command) : wrongNumber(command);
            case "BRPOP" -> arguments(command, 3) ? pop(command) : wrongNumber(command);
            case "LLEN" -> arguments(command, 2) ? length(command) : wrongNumber(command);
            case "LREM" -> arguments(command, 4) ? remove(command) : wrongNumber(command);
            default -> now(plain(command));
        };
    }

    @Override
    public void close() {
        List<Waiter> waiters;
        List<Long> numbers;
        synchronized (this) {
            closed = true;
            waiters = List.copyOf(waiting);
            numbers = List.copyOf(taken);
            waiting.clear();
            taken.clear();
        }
        waiters.forEach(lists::giveUp);
        numbers.forEach(this::lost);
    }

    private void lost(long number) {
        answers.lost(number, "the connection that took it has closed");
    }

    private Reply plain(Command command) {
        return switch (command.name()) {
            case "PING" ->
                    command.size() > 1 ? new Reply.Bulk(command.part(1)) : new Reply.Simple("PONG");
            case "ECHO" ->
                    command.size() == 2
                            ? new Reply.Bulk(command.part(1))
                            : Reply.error("wrong number of arguments for 'echo' command");
            case "HELLO" -> hello(command);
            case "CLIENT" -> client(command);
            case "SELECT" ->
                    command.size() == 2 && command.text(1).equals("0")
                            ? Reply.OK
                            : Reply.error("DB index is out of range (expected: 0)");
            case "INFO" -> Reply.Bulk.of(INFO);
            case "COMMAND" -> new Reply.Many(List.of());
            default ->
                    Reply.error(
                            "unknown command '%s' (known: BRPOP, CLIENT, COMMAND, ECHO, HELLO,"
                                            .formatted(shown(command.text(0)))
                                    + " INFO, LLEN, LPUSH, LREM, PING, QUIT, RPUSH, SELECT)");
        };
    }

    private static final String INFO =
            """
            # Server\r
            redis_version:7.0.0\r
            redis_mode:standalone\r
            server_name:blockplane-executor\r
            # Persistence\r
            loading:0\r
            # Replication\r
            role:master\r
            """;

    private static Reply hello(Command command) {
        if (command.size() > 1 && !command.text(1).equals("2")) {
            return new Reply.Failure("NOPROTO unsupported protocol version (expected: 2)");
        }
        if (command.size() > 2) {
            return Reply.error("syntax error in HELLO option (expected: none)");
        }
        return new Reply.Many(
                List.of(
                        Reply.Bulk.of("server"),
                        Reply.Bulk.of("redis"),
                        Reply.Bulk.of("version"),
                        Reply.Bulk.of("7.0.0"),
                        Reply.Bulk.of("proto"),
                        new Reply.Whole(2),
                        Reply.Bulk.of("mode"),
                        Reply.Bulk.of("standalone"),
                        Reply.Bulk.of("role"),
                        Reply.Bulk.of("master"),
                        Reply.Bulk.of("modules"),
                        new Reply.Many(List.of())));
    }

    private static Reply client(Command command) {
        String what = command.size() > 1 ? command.text(1).toUpperCase(Locale.ROOT) : "";
        return switch (what) {
            case "SETINFO", "SETNAME" -> Reply.OK;
            case "GETNAME" -> new Reply.Null();
            case "ID" -> new Reply.Whole(1);
            default -> Reply.error("unknown subcommand '" + shown(what) + "' of 'client'");
        };
    }

    private CompletableFuture<Reply> push(Command command) {
        String key = command.text(1);
        if (key.equals(EXECUTOR_INPUTS)) {
            return accept(command, null);
        }
        if (key.startsWith(EXECUTOR_INPUTS + ":")) {
            return accept(command, key.substring(EXECUTOR_INPUTS.length() + 1));
        }
        for (int i = 2; i < command.size(); i++) {
            byte[] element = command.part(i);
            switch (key) {
                // Taken in either way: whoever answers late must not stop over it.
                case OUTPUT -> answers.answered(element);
                case NODE_METRICS -> intake.report(element);
                case EVENTS_QUEUE -> intake.event(element);
                default -> {
                    Reply refusal = host(key, element);
                    if (refusal != null) {
                        return now(refusal);
                    }
                }
            }
        }
        return now(new Reply.Whole(isList(key) ? lists.length(key) : command.size() - 2));
    }

    private CompletableFuture<Reply> pushRight(Command command) {
        return command.text(1).equals(EVENTS_QUEUE)
                ? push(command)
                : now(
                        Reply.error(
                                "RPUSH %s (expected: %s; other keys take LPUSH)"
                                        .formatted(shown(command.text(1)), EVENTS_QUEUE)));
    }

    /** Null when it is in the list. */
    private @Nullable Reply host(String key, byte[] element) {
        if (!isList(key)) {
            return noSuchKey("LPUSH", key);
        }
        return switch (lists.push(key, element)) {
            case HostedLists.Pushed.Length _ -> null;
            case HostedLists.Pushed.Full(String detail) -> new Reply.Failure("OOM " + detail);
        };
    }

    /** Answered when all are durable, or with the first refusal. */
    private CompletableFuture<Reply> accept(Command command, @Nullable String blockId) {
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        int count = command.size() - 2;
        AtomicInteger open = new AtomicInteger(count);
        for (int i = 2; i < command.size(); i++) {
            intake.accept(
                    command.part(i),
                    blockId,
                    refusal -> {
                        if (refusal != null) {
                            reply.complete(refusal);
                        } else if (open.decrementAndGet() == 0) {
                            reply.complete(new Reply.Whole(count));
                        }
                    });
        }
        return reply;
    }

    private CompletableFuture<Reply> pop(Command command) {
        List<String> keys = new ArrayList<>();
        for (int i = 1; i < command.size() - 1; i++) {
            if (!isList(command.text(i))) {
                return now(noSuchKey("BRPOP", command.text(i)));
            }
            keys.add(command.text(i));
        }
        Duration wait;
        try {
            double seconds = Double.parseDouble(command.text(command.size() - 1));
            if (!(seconds >= 0 && seconds <= MAX_WAIT.toSeconds())) {
                return now(
                        Reply.error(
                                "timeout: %s (expected: 0 to %d seconds)"
                                        .formatted(seconds, MAX_WAIT.toSeconds())));
            }
            wait = Duration.ofNanos((long) (seconds * 1e9));
        } catch (NumberFormatException e) {
            return now(Reply.error("timeout is not a float or out of range"));
        }
        Waiter waiter = lists.pop(keys);
        synchronized (this) {
            if (!closed) {
                waiting.add(waiter);
            }
        }
        ScheduledFuture<?> timeout =
                wait.isZero() || waiter.popped().isDone()
                        ? null
                        : timer.schedule(
                                () -> lists.giveUp(waiter), wait.toNanos(), TimeUnit.NANOSECONDS);
        return waiter.popped()
                .thenApply(popped -> {
                    if (timeout != null) {
                        timeout.cancel(false);
                    }
                    return given(waiter, popped);
                });
    }

    private Reply given(Waiter waiter, @Nullable Popped popped) {
        boolean late;
        synchronized (this) {
            waiting.remove(waiter);
            late = closed;
        }
        if (popped == null) {
            return new Reply.NullList();
        }
        Tagged.number(popped.element().bytes())
                .ifPresent(number -> {
                    if (late) {
                        lost(number);
                    } else {
                        take(number);
                    }
                });
        return new Reply.Many(List.of(Reply.Bulk.of(popped.key()), popped.element()));
    }

    private synchronized void take(long number) {
        if (taken.size() >= TAKEN_TO_PRUNE) {
            taken.removeIf(known -> !answers.inHand(known));
        }
        taken.add(number);
    }

    private CompletableFuture<Reply> length(Command command) {
        String key = command.text(1);
        return now(isList(key) ? new Reply.Whole(lists.length(key)) : noSuchKey("LLEN", key));
    }

    private CompletableFuture<Reply> remove(Command command) {
        String key = command.text(1);
        if (!isList(key)) {
            return now(noSuchKey("LREM", key));
        }
        return command.text(2).equals("-1")
                ? now(new Reply.Whole(lists.remove(key, command.part(3))))
                : now(Reply.error("LREM count: " + shown(command.text(2)) + " (expected: -1)"));
    }

    private boolean isList(String key) {
        return key.equals(PARAMETER_UPDATES)
                || (key.endsWith(INPUTS_SUFFIX)
                        && intake.knows(key.substring(0, key.length() - INPUTS_SUFFIX.length())));
    }

    private static Reply noSuchKey(String command, String key) {
        return Reply.error(
                "%s %s: no such key (expected: EXECUTOR_INPUTS, EXECUTOR_INPUTS:<block>, OUTPUT,"
                                .formatted(command, shown(key))
                        + " NODE_METRICS, EVENTS_QUEUE, PARAMETER_UPDATES or <block>_inputs)");
    }

    private static boolean arguments(Command command, int least) {
        return command.size() >= least;
    }

    private static CompletableFuture<Reply> wrongNumber(Command command) {
        return now(
                Reply.error(
                        "wrong number of arguments for '%s' command"
                                .formatted(command.name().toLowerCase(Locale.ROOT))));
    }

    private static String shown(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "..." : text;
    }

    private static CompletableFuture<Reply> now(Reply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}

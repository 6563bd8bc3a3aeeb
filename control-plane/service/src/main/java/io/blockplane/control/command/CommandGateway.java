package io.blockplane.control.command;

import io.blockplane.control.view.BlockDirectory;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.Command;
import io.blockplane.events.Envelope;
import io.blockplane.log.LogWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Puts a person's command into the log and waits for what comes of it. Thread safe; blocks. */
public final class CommandGateway {

    private final LogWriter writer;
    private final BlockDirectory directory;
    private final InstantSource clock;
    private final Duration limit;

    /**
     * Prepares.
     *
     * @param limit how long an answer is waited for
     */
    public CommandGateway(
            LogWriter writer, BlockDirectory directory, InstantSource clock, Duration limit) {
        this.writer = writer;
        this.directory = directory;
        this.clock = clock;
        this.limit = limit;
    }

    /** What came of a command. */
    public sealed interface Outcome {

        /** The first event that it led to; a refusal is one too. */
        record Decided(Envelope<BlockEvent> event) implements Outcome {}

        /** Nothing yet: it may still take effect. */
        record Undecided(String commandId, Duration waited) implements Outcome {}

        /** It could not be put into the log, or it is not known whether it could. */
        record Unwritten(String commandId, String reason) implements Outcome {}
    }

    /** A command of an id that was decided before gets the outcome of then and is not sent. */
    public Outcome submit(String commandId, Command command) throws InterruptedException {
        CompletableFuture<Envelope<BlockEvent>> outcome =
                directory.outcome(command.blockId(), commandId);
        try {
            if (!outcome.isDone()) {
                var _ =
                        writer.append(
                                        new Envelope<>(
                                                commandId,
                                                "/rest",
                                                clock.millis(),
                                                commandId,
                                                null,
                                                command))
                                .get(limit.toMillis(), TimeUnit.MILLISECONDS);
            }
            return new Outcome.Decided(outcome.get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return new Outcome.Undecided(commandId, limit);
        } catch (ExecutionException e) {
            return new Outcome.Unwritten(commandId, String.valueOf(e.getCause()));
        } finally {
            outcome.cancel(false);
        }
    }
}

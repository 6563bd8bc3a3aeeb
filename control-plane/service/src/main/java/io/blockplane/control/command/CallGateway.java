package io.blockplane.control.command;

import io.blockplane.control.view.PolicyAnswers;
import io.blockplane.events.Command.PolicyCall;
import io.blockplane.events.Envelope;
import io.blockplane.events.PolicyDecided;
import io.blockplane.log.LogWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Puts a call of a policy into the log and waits for the decision that answers it. Thread safe;
 * blocks.
 */
public final class CallGateway {

    private final LogWriter writer;
    private final PolicyAnswers answers;
    private final InstantSource clock;
    private final Duration limit;

    /**
     * Prepares.
     *
     * @param limit how long an answer is waited for
     */
    public CallGateway(
            LogWriter writer, PolicyAnswers answers, InstantSource clock, Duration limit) {
        this.writer = writer;
        this.answers = answers;
        this.clock = clock;
        this.limit = limit;
    }

    /** What came of a call. */
    public sealed interface Outcome {

        /** The policy was called, or its object could not be made. */
        record Answered(PolicyDecided decided) implements Outcome {}

        /** Nothing yet: it may still be executed. */
        record Unanswered(String commandId, Duration waited) implements Outcome {}

        /** It could not be put into the log, or it is not known whether it could. */
        record Unwritten(String commandId, String reason) implements Outcome {}
    }

    /** A call of an id that was answered before gets the answer of then and is not sent. */
    public Outcome submit(String commandId, PolicyCall call) throws InterruptedException {
        CompletableFuture<PolicyDecided> answer = answers.answer(commandId);
        try {
            if (!answer.isDone()) {
                var _ =
                        writer.append(
                                        new Envelope<>(
                                                commandId,
                                                "/rest",
                                                clock.millis(),
                                                commandId,
                                                null,
                                                call))
                                .get(limit.toMillis(), TimeUnit.MILLISECONDS);
            }
            return new Outcome.Answered(answer.get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return new Outcome.Unanswered(commandId, limit);
        } catch (ExecutionException e) {
            return new Outcome.Unwritten(commandId, String.valueOf(e.getCause()));
        } finally {
            answer.cancel(false);
        }
    }
}

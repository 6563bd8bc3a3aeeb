package io.blockplane.control.view;

import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogTail;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What policies answered to calls that somebody asked for. It follows {@code blockplane.decisions}
 * from its beginning, so that a call that is asked for again gets its answer of then. Thread safe.
 */
public final class PolicyAnswers implements AutoCloseable {

    /** Answers kept; the oldest goes when one more comes. */
    static final int ANSWERS = 1_000;

    private final Kafka kafka;
    private final String clientId;
    private final Arrivals<String, PolicyDecided> arrivals = new Arrivals<>();
    private final Map<String, PolicyDecided> answers =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, PolicyDecided> eldest) {
                    return size() > ANSWERS;
                }
            };
    private volatile @Nullable LogTail tail;

    public PolicyAnswers(Kafka kafka, String clientId) {
        this.kafka = kafka;
        this.clientId = clientId;
    }

    /** Starts. Does not wait until it has read the log: there may be many decisions in it. */
    public void start() {
        tail = LogTail.start(kafka, Topic.DECISIONS, clientId, this::apply);
    }

    /**
     * The answer to a command, once it is in the log. Of several policy objects that answer (a
     * balancer has one for each lane) it is the first one's. Cancel it to wait no longer.
     */
    public CompletableFuture<PolicyDecided> answer(String commandId) {
        return arrivals.await(commandId, () -> known(commandId));
    }

    /** Why it hears no more answers; null while it follows the log. */
    public @Nullable RuntimeException failure() {
        LogTail running = tail;
        return running == null ? null : running.failure();
    }

    @Override
    public void close() {
        LogTail running = tail;
        if (running != null) {
            running.close();
        }
    }

    private void apply(LogRecord<Event> record) {
        Envelope<PolicyDecided> decided = record.envelope().as(PolicyDecided.class);
        String commandId = decided.causationId();
        if (commandId != null && isAnswer(decided.event())) {
            synchronized (answers) {
                answers.putIfAbsent(commandId, decided.event());
            }
            arrivals.arrived(commandId, decided.event());
        }
    }

    /** A policy object that could not be made is an answer too: there will be no other. */
    private static boolean isAnswer(PolicyDecided decided) {
        return switch (decided.call()) {
            case Call.INIT -> decided.outcome() != Outcome.RETURNED;
            case Call.EVAL -> decided.kind() == Kind.FAILURE;
            case Call.MANAGE -> true;
            case Call.SNAPSHOT -> false;
        };
    }

    private Optional<PolicyDecided> known(String commandId) {
        synchronized (answers) {
            return Optional.ofNullable(answers.get(commandId));
        }
    }
}

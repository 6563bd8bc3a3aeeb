package io.blockplane.executor.delivery;

import io.blockplane.events.DeadLettered;
import io.blockplane.events.Envelope;
import io.blockplane.events.Topic;
import io.blockplane.log.LogWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes dead letters of results, and does not give up while Kafka is away. */
final class DeadLetterLog implements DeadLetters {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterLog.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final LogWriter log;
    private final String source;
    private final Clock clock;

    DeadLetterLog(LogWriter log, String source, Clock clock) {
        this.log = log;
        this.source = source;
        this.clock = clock;
    }

    @Override
    public void bury(Delivery.Part part, int attempts, String reason) throws InterruptedException {
        Delivery delivery = part.delivery();
        String destination = part.destination().toString();
        LOG.atError()
                .addKeyValue("destination", destination)
                .addKeyValue("partition", delivery.partition())
                .addKeyValue("offset", delivery.offset())
                .addKeyValue("attempts", attempts)
                .addKeyValue("reason", reason)
                .log("result not delivered: dead letter");
        Envelope<DeadLettered> letter =
                new Envelope<>(
                        "dead-delivery-%d-%d-%d"
                                .formatted(delivery.partition(), delivery.offset(), part.index()),
                        source,
                        clock.millis(),
                        null,
                        null,
                        new DeadLettered(
                                Topic.OUTPUTS.topicName(),
                                delivery.partition(),
                                delivery.offset(),
                                reason,
                                null,
                                destination,
                                attempts));
        while (true) {
            try {
                var _ = log.append(letter).get();
                return;
            } catch (ExecutionException | RuntimeException e) {
                LOG.atWarn().setCause(e).log("dead letter not written, again");
                Thread.sleep(PAUSE);
            }
        }
    }
}

package io.blockplane.runner;

import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.log.Kafka;
import io.blockplane.log.RecordCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Writes decisions and the commands that follow from them: those of one evaluation always in one
 * transaction, and those of evaluations that wait at the same time too. One writer per log:
 * starting one fences any older. After an error nothing is written any more, since what the log
 * holds is then unknown to the policies' state here.
 */
final class DecisionWriter implements AutoCloseable {

    /** One for all runners of a log, so that a newer one fences an older one. */
    static final String TRANSACTIONAL_ID = "policy-runner";

    /** Evaluations that may wait to be written; more wait in their lanes. */
    private static final int QUEUE = 1000;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final BlockingQueue<Batch> queue = new ArrayBlockingQueue<>(QUEUE);
    private final KafkaProducer<String, byte[]> producer;
    private final Thread thread;
    private volatile boolean closing;
    private volatile @Nullable RuntimeException failure;

    private record Batch(List<Envelope<? extends Event>> events, CompletableFuture<Void> durable) {}

    DecisionWriter(Kafka kafka) {
        this.producer = kafka.transactionalProducer(TRANSACTIONAL_ID);
        this.thread = Thread.ofPlatform().daemon().name("decision-writer").unstarted(this::run);
    }

    /** Fences older writers; from the return on no other runner's decision can enter the log. */
    void start() {
        producer.initTransactions();
        thread.start();
    }

    /** Completes when all of them are durable, together; exceptionally when none of them is. */
    CompletableFuture<Void> append(List<Envelope<? extends Event>> events)
            throws InterruptedException {
        Batch batch = new Batch(List.copyOf(events), new CompletableFuture<>());
        RuntimeException failed = failure;
        if (failed != null) {
            batch.durable.completeExceptionally(failed);
        } else {
            queue.put(batch);
        }
        return batch.durable;
    }

    /** Why nothing is written any more; null while all is well. */
    @Nullable RuntimeException failure() {
        return failure;
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(CLOSE_LIMIT);
    }

    private void run() {
        List<Batch> batches = new ArrayList<>();
        while (!closing || !queue.isEmpty()) {
            batches.clear();
            try {
                Batch first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                batches.add(first);
                queue.drainTo(batches);
                write(batches);
                batches.forEach(b -> b.durable.complete(null));
            } catch (RuntimeException e) {
                fail(batches, e);
                return;
            } catch (InterruptedException e) {
                fail(batches, new IllegalStateException("interrupted", e));
                return;
            }
        }
    }

    private void fail(List<Batch> batches, RuntimeException e) {
        failure = e;
        queue.drainTo(batches);
        batches.forEach(b -> b.durable.completeExceptionally(e));
    }

    private void write(List<Batch> batches) throws InterruptedException {
        producer.beginTransaction();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (Batch batch : batches) {
            for (Envelope<? extends Event> event : batch.events) {
                sent.add(producer.send(RecordCodec.encode(event)));
            }
        }
        producer.commitTransaction();
        // A commit fails when a send has; this only makes sure that none is forgotten.
        for (Future<RecordMetadata> one : sent) {
            if (one.state() != Future.State.SUCCESS) {
                throw new IllegalStateException("a committed record was not sent: " + one);
            }
        }
    }
}

package io.blockplane.executor.delivery;

import com.google.protobuf.InvalidProtocolBufferException;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.executor.delivery.SessionResults.Ended;
import io.blockplane.executor.delivery.SessionResults.Position;
import io.blockplane.log.Kafka;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.dataplane.v1.Result;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves streams of results, each on a virtual thread with a consumer of its own. */
public final class ResultsReader {

    /** Streams at once: each is a consumer, with its connections and buffers. */
    public static final int MAX_STREAMS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(ResultsReader.class);

    private static final String STOPS = "this executor stops";

    private final Kafka kafka;
    private final String executorId;
    private final Semaphore streams = new Semaphore(MAX_STREAMS);
    private final AtomicLong count = new AtomicLong();
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    public ResultsReader(Kafka kafka, String executorId) {
        this.kafka = kafka;
        this.executorId = executorId;
    }

    /** Ends all streams; their callers can go on elsewhere with the token that they have. */
    public void stop() {
        stopping = true;
        // Some wait for room that their callers do not make.
        running.forEach(Thread::interrupt);
    }

    /** Where a stream goes. Called on the stream's thread. */
    public interface Sink {

        /**
         * Sends one result; returns when there is room for the next.
         *
         * @throws InterruptedException when nobody wants more
         */
        void result(byte[] result) throws InterruptedException;

        /** There is no more. */
        void end();

        /** It can't go on. */
        void failed(String why);
    }

    /** A stream that runs. */
    public interface Stream {

        /** Nobody wants more. */
        void stop();
    }

    /** Whether this is a token of ours. */
    public static boolean isToken(String token) {
        return Position.of(token).isPresent();
    }

    /**
     * Begins a stream; null when there are {@link #MAX_STREAMS}.
     *
     * @param token to go on after; null: from the first result, or with what ends from now on
     * @param now from now on, when there is no token
     */
    public @Nullable Stream begin(
            String blockId,
            String sessionId,
            @Nullable String token,
            boolean now,
            boolean follow,
            Sink sink) {
        if (!streams.tryAcquire()) {
            return null;
        }
        Position from =
                token == null
                        ? (now ? null : new Position(0, 0))
                        : Position.of(token).orElseThrow();
        String clientId = executorId + "-results-" + count.incrementAndGet();
        Thread thread =
                Thread.ofVirtual()
                        .name(clientId)
                        .unstarted(() -> {
                            try {
                                read(clientId, blockId, sessionId, from, follow, sink);
                            } finally {
                                running.remove(Thread.currentThread());
                                streams.release();
                            }
                        });
        running.add(thread);
        thread.start();
        if (stopping) {
            thread.interrupt();
        }
        return thread::interrupt;
    }

    private void read(
            String clientId,
            String blockId,
            String sessionId,
            @Nullable Position from,
            boolean follow,
            Sink sink) {
        try (SessionResults results =
                SessionResults.open(kafka, clientId, blockId, sessionId, from)) {
            long last = results.lastTask();
            while (!stopping) {
                Ended ended = results.next();
                if (ended != null) {
                    sink.result(message(ended));
                } else if (!follow && results.caughtUp(last)) {
                    sink.end();
                    return;
                }
            }
            sink.failed(STOPS);
        } catch (InterruptedException | InterruptException e) {
            sink.failed(stopping ? STOPS : "nobody wants more");
        } catch (RuntimeException | InvalidProtocolBufferException e) {
            LOG.atWarn()
                    .addKeyValue("blockId", blockId)
                    .addKeyValue("sessionId", sessionId)
                    .setCause(e)
                    .log("stream of results cut off");
            sink.failed(e.toString());
        }
    }

    private static byte[] message(Ended ended) throws InvalidProtocolBufferException {
        TaskFinished task = ended.task();
        Result.Builder result =
                Result.newBuilder()
                        .setOutcome(
                                switch (task.outcome()) {
                                    case COMPLETED -> Result.Outcome.COMPLETED;
                                    case FAILED -> Result.Outcome.FAILED;
                                    case EXPIRED -> Result.Outcome.EXPIRED;
                                })
                        .setSeqNo(Long.parseUnsignedLong(task.seqNo()))
                        .setTaskId(task.taskId())
                        .setToken(ended.next().token());
        if (task.reason() != null) {
            result.setReason(task.reason());
        }
        if (ended.packet() != null) {
            result.setPacket(AIOSPacket.parseFrom(ended.packet()));
        }
        return result.build().toByteArray();
    }
}

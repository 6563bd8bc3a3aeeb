package io.blockplane.bench.dataplane;

import com.google.protobuf.InvalidProtocolBufferException;
import io.blockplane.load.Answer;
import io.blockplane.load.Sender;
import io.blockplane.proto.aios.AIOSPacket;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Sends by {@code infer} and follows each task to its output, which is its latency. A request is
 * answered, for the load that sends it, with the output or with the acceptance.
 */
final class EndToEnd implements Sender {

    private final Sender infer;
    private final Map<String, Open> open = new ConcurrentHashMap<>();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicLong moves = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private volatile Answered answered = Answered.BY_OUTPUT;
    private volatile Histogram latency = histogram();

    /** When a request is answered. */
    enum Answered {
        BY_OUTPUT,
        BY_ACCEPTANCE
    }

    private record Open(AIOSPacket packet, Answer answer, long sentNanos, Answered answered) {}

    EndToEnd(Sender infer) {
        this.infer = infer;
    }

    /** What holds for requests that are sent from now on; latencies are counted anew. */
    void begin(Answered by) {
        answered = by;
        latency = histogram();
    }

    /** From sending to output, nanoseconds, since {@link #begin}. */
    Histogram latency() {
        return latency;
    }

    /** Waits until every task has its output, or was given up. */
    void awaitOutputs() throws InterruptedException {
        while (!open.isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    @Override
    public void send(AIOSPacket packet, Duration limit, Answer answer) {
        String task = task(packet);
        Answered by = answered;
        open.put(task, new Open(packet, answer, System.nanoTime(), by));
        infer.send(
                packet,
                limit,
                new Answer() {
                    @Override
                    public void piece() {}

                    @Override
                    public void ended(Ended ended) {
                        boolean refused = !ended.status().isOk() && open.remove(task) != null;
                        if (refused || by == Answered.BY_ACCEPTANCE) {
                            answer.ended(ended);
                        }
                    }
                });
    }

    /** An output came. */
    void output(byte[] bytes) {
        moves.incrementAndGet();
        AIOSPacket packet;
        try {
            packet = AIOSPacket.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            wrong.incrementAndGet();
            return;
        }
        Open waiting = open.remove(task(packet));
        if (waiting == null || !waiting.packet().equals(packet)) {
            wrong.incrementAndGet();
        }
        if (waiting != null) {
            latency.recordValue(System.nanoTime() - waiting.sentNanos());
            if (waiting.answered() == Answered.BY_OUTPUT) {
                waiting.answer().ended(new Answer.Ended(Status.OK, 0, 0, packet));
            }
        }
    }

    /** Outputs of no task that was open, or with other bytes than were sent. */
    long wrong() {
        return wrong.get();
    }

    /** Counts what is still open as lost, and fails it where the output is the answer. */
    void giveUp() {
        open.keySet()
                .forEach(task -> {
                    Open waiting = open.remove(task);
                    if (waiting == null) {
                        return;
                    }
                    lost.incrementAndGet();
                    if (waiting.answered() == Answered.BY_OUTPUT) {
                        waiting.answer().ended(new Answer.Ended(Status.DATA_LOSS, 0, 0, null));
                    }
                });
    }

    /** Accepted tasks that never came to an output. */
    long lost() {
        return lost.get();
    }

    /** Outputs so far. */
    long moves() {
        return moves.get();
    }

    private static Histogram histogram() {
        return new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(10), 3);
    }

    private static String task(AIOSPacket packet) {
        return packet.getSessionId() + "/" + packet.getSeqNo();
    }
}

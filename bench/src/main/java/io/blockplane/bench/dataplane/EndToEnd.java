package io.blockplane.bench.dataplane;

import com.google.protobuf.InvalidProtocolBufferException;
import io.blockplane.load.Answer;
import io.blockplane.load.Sender;
import io.blockplane.proto.aios.AIOSPacket;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends by {@code infer} and takes a request for answered when its output is read: a task is open
 * from the sending to the output, and that is its latency.
 */
final class EndToEnd implements Sender {

    private final Sender infer;
    private final Map<String, Open> open = new ConcurrentHashMap<>();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicLong moves = new AtomicLong();

    private record Open(AIOSPacket packet, Answer answer) {}

    EndToEnd(Sender infer) {
        this.infer = infer;
    }

    @Override
    public void send(AIOSPacket packet, Duration limit, Answer answer) {
        String task = task(packet);
        open.put(task, new Open(packet, answer));
        infer.send(
                packet,
                limit,
                new Answer() {
                    @Override
                    public void piece() {}

                    @Override
                    public void ended(Ended ended) {
                        Open waiting = ended.status().isOk() ? null : open.remove(task);
                        if (waiting != null) {
                            waiting.answer().ended(ended);
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
            waiting.answer().ended(new Answer.Ended(Status.OK, 0, 0, packet));
        }
    }

    /** Outputs of no task that was open, or with other bytes than were sent. */
    long wrong() {
        return wrong.get();
    }

    /** Fails what is still open: the pipeline lost it. */
    void giveUp() {
        open.keySet()
                .forEach(task -> {
                    Open waiting = open.remove(task);
                    if (waiting != null) {
                        waiting.answer().ended(new Answer.Ended(Status.DATA_LOSS, 0, 0, null));
                    }
                });
    }

    /** Outputs so far. */
    long moves() {
        return moves.get();
    }

    private static String task(AIOSPacket packet) {
        return packet.getSessionId() + "/" + packet.getSeqNo();
    }
}

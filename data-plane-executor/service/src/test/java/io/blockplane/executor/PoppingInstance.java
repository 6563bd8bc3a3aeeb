package io.blockplane.executor;

import com.google.protobuf.InvalidProtocolBufferException;
import io.blockplane.executor.resp.Command;
import io.blockplane.executor.resp.Reply;
import io.blockplane.executor.resp.RespConnection;
import io.blockplane.executor.resp.RespConnection.Outcome;
import io.blockplane.proto.aios.AIOSPacket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes packets from a list and pushes answers to another, one at a time, as the AIOSv1 SDK. */
final class PoppingInstance implements AutoCloseable {

    /** {@code session/seq} of what it took. */
    final List<String> seen = new CopyOnWriteArrayList<>();

    /** {@code output_ptr} of what it took. */
    final List<String> pointers = new CopyOnWriteArrayList<>();

    private final RespConnection in;
    private final RespConnection out;
    private final String key;
    private final boolean answers;
    private final Thread thread;
    private volatile boolean closed;

    private PoppingInstance(String blockId, int inPort, int outPort, boolean answers) {
        this.in = new RespConnection("127.0.0.1", inPort);
        this.out = new RespConnection("127.0.0.1", outPort);
        this.key = blockId + "_inputs";
        this.answers = answers;
        this.thread = Thread.ofVirtual().start(this::run);
    }

    static PoppingInstance start(String blockId, int inPort, int outPort) {
        return new PoppingInstance(blockId, inPort, outPort, /* answers= */ true);
    }

    /** One that takes and never answers. */
    static PoppingInstance silent(String blockId, int inPort, int outPort) {
        return new PoppingInstance(blockId, inPort, outPort, /* answers= */ false);
    }

    @Override
    public void close() {
        closed = true;
        in.close();
        out.close();
        thread.interrupt();
    }

    private void run() {
        Command pop = Command.of("BRPOP", key, "0.5");
        while (!closed) {
            if (in.exchange(List.of(pop)).getFirst()
                            instanceof Outcome.Replied(Reply.Many(List<Reply> parts))
                    && parts.get(1) instanceof Reply.Bulk element) {
                work(element.bytes());
            }
        }
    }

    private void work(byte[] bytes) {
        try {
            AIOSPacket packet = AIOSPacket.parseFrom(bytes);
            seen.add(packet.getSessionId() + "/" + packet.getSeqNo());
            pointers.add(packet.getOutputPtr());
            if (answers) {
                byte[] answer =
                        packet.toBuilder()
                                .setData("popped " + packet.getData())
                                .build()
                                .toByteArray();
                out.exchange(
                        List.of(Command.of("PING"), Command.of("LPUSH", "OUTPUT").with(answer)));
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }
}

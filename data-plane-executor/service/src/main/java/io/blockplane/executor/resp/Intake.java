package io.blockplane.executor.resp;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where what comes over RESP goes. */
public interface Intake {

    /**
     * A packet for a block, to be accepted as by infer.
     *
     * @param blockId null: the only block there is
     * @param told hears once: null when it is durable, a refusal otherwise
     */
    void accept(byte[] packet, @Nullable String blockId, Consumer<Reply.@Nullable Failure> told);

    /** A metrics document; false when it was not taken, which is counted and no error. */
    boolean report(byte[] document);

    /** An event of an instance, which nothing here acts on. */
    void event(byte[] document);

    /** Whether there is such a block. */
    boolean knows(String blockId);
}

package io.blockplane.instances;

import io.blockplane.proto.aios.AIOSPacket;

/**
 * An instance in the shape that AIOSv1 users know: {@link #onPreprocess} reads a packet, {@link
 * #onData} does the work; beside them {@code onUpdate}, {@code health} and {@code management}.
 * Where AIOSv1 drops a packet in silence, its sender is told here.
 *
 * @param <T> what a packet is read as
 */
public abstract class BlockInstance<T> implements Instance {

    /** Reads and checks a packet, before any work. */
    protected abstract Preprocessed<T> onPreprocess(AIOSPacket packet);

    /**
     * Does the work.
     *
     * @param pieces takes the output while it is made; what is sent there is not to be in the
     *     result's data again
     */
    protected abstract Result onData(T entry, Pieces pieces);

    /**
     * The data of a caller who wants it whole: the pieces that were sent, then the result's data.
     */
    protected String whole(String pieces, Result.Output output) {
        return pieces + output.data();
    }

    /** As a stream whose pieces are collected. */
    @Override
    public final Result process(AIOSPacket packet) {
        StringBuilder text = new StringBuilder();
        Result result =
                stream(
                        packet,
                        delta -> {
                            text.append(delta);
                            return !io.grpc.Context.current().isCancelled();
                        });
        return switch (result) {
            case Result.Output output ->
                    new Result.Output(
                            whole(text.toString(), output),
                            output.inputTokens(),
                            output.outputTokens());
            case Result.InvalidInput _ -> result;
        };
    }

    @Override
    public final Result stream(AIOSPacket packet, Pieces pieces) {
        return switch (onPreprocess(packet)) {
            case Preprocessed.Entry<T>(T entry) -> onData(entry, pieces);
            case Preprocessed.Invalid<T>(Result.InvalidInput reason) -> reason;
        };
    }
}

package io.blockplane.executor.transport;

import io.blockplane.executor.transport.Transport.Probed;
import io.blockplane.proto.instance.v1.InstanceGrpc;
import io.blockplane.proto.instance.v1.ProbeReply;
import io.blockplane.proto.instance.v1.ProbeRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One {@code Probe} of an instance. */
final class GrpcProbe extends ClientCall.Listener<ProbeReply> {

    /** An answer that comes later would be of no use. */
    static final Duration LIMIT = Duration.ofSeconds(1);

    private final Consumer<Probed> listener;
    private @Nullable ProbeReply reply;

    private GrpcProbe(Consumer<Probed> listener) {
        this.listener = listener;
    }

    static void send(Channel channel, Consumer<Probed> listener) {
        ClientCall<ProbeRequest, ProbeReply> call =
                channel.newCall(
                        InstanceGrpc.getProbeMethod(),
                        CallOptions.DEFAULT.withDeadlineAfter(
                                LIMIT.toMillis(), TimeUnit.MILLISECONDS));
        call.start(new GrpcProbe(listener), new Metadata());
        call.request(2);
        call.sendMessage(ProbeRequest.getDefaultInstance());
        call.halfClose();
    }

    @Override
    public void onMessage(ProbeReply message) {
        reply = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        ProbeReply said = reply;
        if (status.isOk() && said != null) {
            // Unsigned on the wire; a number that large is as good as the largest.
            int inFlight = said.getInFlight() < 0 ? Integer.MAX_VALUE : said.getInFlight();
            long latencyUs = said.getLatencyUs() < 0 ? Long.MAX_VALUE : said.getLatencyUs();
            listener.accept(new Probed.Busy(inFlight, latencyUs));
        } else if (status.getCode() == Status.Code.UNIMPLEMENTED) {
            listener.accept(new Probed.Unsupported());
        } else {
            listener.accept(new Probed.Silent());
        }
    }
}

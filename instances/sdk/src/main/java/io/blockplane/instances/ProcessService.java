package io.blockplane.instances;

import io.blockplane.proto.instance.v1.InstanceGrpc;
import io.blockplane.proto.instance.v1.ProbeReply;
import io.blockplane.proto.instance.v1.ProbeRequest;
import io.blockplane.proto.instance.v1.ProcessPiece;
import io.blockplane.proto.instance.v1.ProcessRequest;
import io.blockplane.proto.instance.v1.ProcessResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;

/** The executor's protocol in front of an {@link Instance}: a bounded queue and its workers. */
final class ProcessService extends InstanceGrpc.InstanceImplBase {

    private final InstanceArguments arguments;
    private final Instance instance;
    private final ExecutorService workers;
    private final LoadGauge load;
    private final InstanceMetrics metrics;

    /**
     * Makes the service.
     *
     * @param workers run the tasks; rejects what it has no place for
     */
    ProcessService(
            InstanceArguments arguments,
            Instance instance,
            ExecutorService workers,
            LoadGauge load,
            InstanceMetrics metrics) {
        this.arguments = arguments;
        this.instance = instance;
        this.workers = workers;
        this.load = load;
        this.metrics = metrics;
    }

    @Override
    public void process(ProcessRequest request, StreamObserver<ProcessResponse> responses) {
        ServerCallStreamObserver<ProcessResponse> call =
                (ServerCallStreamObserver<ProcessResponse>) responses;
        // With a handler set, answering a call that was cancelled is no error.
        call.setOnCancelHandler(() -> {});
        take(request, call, new Task.Whole(request.getPacket(), instance, call));
    }

    @Override
    public void processStream(ProcessRequest request, StreamObserver<ProcessPiece> responses) {
        ServerCallStreamObserver<ProcessPiece> call =
                (ServerCallStreamObserver<ProcessPiece>) responses;
        Task.Streamed task = new Task.Streamed(request.getPacket(), instance, call, metrics);
        call.setOnCancelHandler(task::callMoved);
        call.setOnReadyHandler(task::callMoved);
        take(request, call, task);
    }

    @Override
    public void probe(ProbeRequest request, StreamObserver<ProbeReply> replies) {
        LoadGauge.Reading reading = load.read();
        replies.onNext(
                ProbeReply.newBuilder()
                        .setInFlight(reading.inFlight())
                        .setLatencyUs(reading.latencyUs())
                        .build());
        replies.onCompleted();
    }

    private void take(ProcessRequest request, ServerCallStreamObserver<?> call, Task task) {
        if (!request.getBlockId().equals(arguments.blockId())) {
            // A port that another process had before: the caller's address is out of date.
            Task.refuse(
                    call,
                    Status.UNAVAILABLE,
                    "block_id: %s (expected: %s, the block of instance %s)"
                            .formatted(
                                    request.getBlockId(),
                                    arguments.blockId(),
                                    arguments.instanceId()));
            return;
        }
        long taken = System.nanoTime();
        int inFlight = load.began();
        try {
            workers.execute(Context.current().wrap(() -> work(task, taken, inFlight)));
        } catch (RejectedExecutionException e) {
            load.leftOut();
            Task.refuse(
                    call,
                    Status.UNAVAILABLE,
                    "instance %s takes no more: %d tasks wait"
                            .formatted(arguments.instanceId(), InstanceServer.MAX_WAITING));
        }
    }

    private void work(Task task, long taken, int inFlight) {
        if (task.isCancelled()) {
            load.leftOut();
            metrics.ended("cancelled", System.nanoTime() - taken);
            return;
        }
        long begun = System.nanoTime();
        Task.Done done = task.run(arguments.instanceId(), taken, metrics);
        long now = System.nanoTime();
        load.ended(inFlight, (now - taken) / 1000);
        metrics.worked(now - begun);
        metrics.ended(done.outcome(), now - taken);
        done.reply().run();
    }
}

package io.blockplane.instances;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.instance.v1.ProcessRequest;
import io.blockplane.proto.instance.v1.ProcessResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProcessServiceTest {

    private final UpperCaseInstance instance = new UpperCaseInstance();
    private final LoadGauge load = new LoadGauge();

    @Test
    void skipsATaskWhoseCallerWentAwayWhileItWaited() throws Exception {
        Call holding = new Call();
        Call gone = new Call();
        Call next = new Call();
        try (ExecutorService worker = Executors.newSingleThreadExecutor()) {
            ProcessService service =
                    new ProcessService(
                            new InstanceArguments("b", "i", 0, 0, 1),
                            instance,
                            worker,
                            load,
                            new InstanceMetrics(load));
            service.process(request("hold"), holding);
            service.process(request("x"), gone);
            service.process(request("y"), next);
            gone.cancelled = true;
            instance.hold.countDown();
            worker.shutdown();
            assertThat(worker.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(holding.answers).hasSize(1);
        assertThat(gone.answers).isEmpty();
        assertThat(next.answers).hasSize(1);
        assertThat(instance.processed).hasValue(2);
        assertThat(load.read().inFlight()).isZero();
    }

    private static ProcessRequest request(String data) {
        return ProcessRequest.newBuilder()
                .setBlockId("b")
                .setPacket(AIOSPacket.newBuilder().setSessionId("s").setData(data))
                .build();
    }

    /** The caller's side of a call, in memory. */
    private static final class Call extends ServerCallStreamObserver<ProcessResponse> {

        private final List<ProcessResponse> answers = new ArrayList<>();
        private volatile boolean cancelled;

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public void onNext(ProcessResponse answer) {
            answers.add(answer);
        }

        @Override
        public void onError(Throwable error) {
            throw new AssertionError(error);
        }

        @Override
        public void onCompleted() {}

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        public void disableAutoInboundFlowControl() {}
    }
}

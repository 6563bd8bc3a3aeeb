package io.blockplane.executor;

import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.instances.Instance;
import io.blockplane.instances.InstanceArguments;
import io.blockplane.instances.InstanceServer;
import io.blockplane.instances.Result;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.dataplane.v1.PredictRequest;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import io.blockplane.proto.dataplane.v1.PredictionGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two blocks of eight instances at 80 % load, each with one that becomes ten times as slow; one is
 * balanced in turn, the other by prequal, in the same run. Load is open-loop: latency counts from
 * when a request was to be sent.
 *
 * <p>It asserts measured time, so it is run by name and by no build (see CONTRIBUTING.md); what a
 * build holds is {@code PrequalSimulationTest}, the same in simulated time.
 */
class SlowInstanceLive {

    private static final Logger LOG = LoggerFactory.getLogger(SlowInstanceLive.class);
    private static final int SLOW_SECONDS = Integer.getInteger("slow.seconds", 30);
    private static final int WARM_SECONDS = 2;
    private static final int INSTANCES = 8;
    private static final long SERVICE_MS = 200;
    private static final int WORKERS = 5;
    private static final double LOAD = 0.8;
    private static final String SLOW = "in-3";

    /** A second after requests there have taken twice their time. */
    private static final long EVIDENCE_MS = 1_000 + 2 * SERVICE_MS;

    @TempDir Path folder;

    @Test
    void prequalLeavesASlowInstanceAloneWhereRoundRobinQueuesBehindIt() throws Exception {
        try (LogUnderTest log = LogUnderTest.start(folder);
                ExecutorRole executor =
                        new ExecutorRole(
                                ExecutorConfig.defaults(log.kafka, "exec-slow").withPorts(0, 0))) {
            executor.start();
            try (Client client = new Client(executor.grpcPort());
                    Side even = new Side("blk-even", "builtin:round-robin", log, client);
                    Side prequal = new Side("blk-prequal", "builtin:prequal", log, client);
                    ScheduledExecutorService timer = Executors.newScheduledThreadPool(2)) {
                even.start(timer);
                prequal.start(timer);
                TimeUnit.SECONDS.sleep(WARM_SECONDS);
                List.of(even, prequal).forEach(side -> side.slow(true));
                TimeUnit.SECONDS.sleep(SLOW_SECONDS);
                List.of(even, prequal).forEach(side -> side.slow(false));
                List.of(even, prequal).forEach(Side::stop);
                eventually().untilAsserted(() -> assertThat(even.open.get()).isZero());
                eventually().untilAsserted(() -> assertThat(prequal.open.get()).isZero());

                LOG.atInfo()
                        .addKeyValue("roundRobin", even.summary())
                        .addKeyValue("prequal", prequal.summary())
                        .log("one of eight was slow");
                assertThat(prequal.p99()).isLessThanOrEqualTo(even.p99().dividedBy(2));
                assertThat(prequal.slowShare()).isLessThan(0.03);
                assertThat(even.errors.get() + prequal.errors.get()).isZero();
            }
        }
    }

    /** One request. */
    private record Answer(long plannedNanos, long tookNanos, String instanceId) {}

    /** Takes its time. */
    private static final class Worker implements Instance {
        private volatile long serviceMs = SERVICE_MS;

        @Override
        public Result process(AIOSPacket packet) {
            try {
                Thread.sleep(serviceMs);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new Result.Output(packet.getData(), 1, 1);
        }
    }

    /** A block and its load. */
    private static final class Side implements AutoCloseable {
        private final BlockUnderTest block;
        private final Client client;
        private final List<InstanceServer> servers = new ArrayList<>();
        private final List<Worker> workers = new ArrayList<>();
        private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
        private final AtomicInteger open = new AtomicInteger();
        private final AtomicInteger errors = new AtomicInteger();
        private final SplittableRandom random = new SplittableRandom(1);
        private volatile boolean stopped;
        private volatile long slowFromNanos;
        private volatile long slowToNanos;
        private long nextNanos;
        private long number;

        Side(String id, String balancer, LogUnderTest log, Client client) throws Exception {
            TreeMap<String, PolicyBinding> policies = new TreeMap<>();
            policies.put(
                    RoutingRules.POLICY_NAME,
                    new PolicyBinding(balancer, Json.EMPTY_OBJECT, Json.EMPTY_OBJECT));
            this.block = new BlockUnderTest(id, log.writer, policies);
            this.client = client;
            for (int i = 0; i < INSTANCES; i++) {
                String instanceId = "in-" + i;
                Worker worker = new Worker();
                InstanceServer server =
                        InstanceServer.start(
                                new InstanceArguments(id, instanceId, 0, 0, WORKERS), worker);
                workers.add(worker);
                servers.add(server);
                block.request(instanceId);
                block.ready(
                        instanceId,
                        1,
                        new InstanceAddress("grpc", server.target(), server.healthUrl()));
            }
            eventually()
                    .untilAsserted(() ->
                            assertThat(log.ticks(id))
                                    .anyMatch(t -> t.instances().size() == INSTANCES));
        }

        void start(ScheduledExecutorService timer) {
            nextNanos = System.nanoTime();
            timer.execute(() -> send(timer));
        }

        void slow(boolean slow) {
            workers.get(Integer.parseInt(SLOW.substring(3))).serviceMs =
                    slow ? 10 * SERVICE_MS : SERVICE_MS;
            if (slow) {
                slowFromNanos = System.nanoTime();
            } else {
                slowToNanos = System.nanoTime();
            }
        }

        void stop() {
            stopped = true;
        }

        Duration p99() {
            long[] took = measured(0).stream().mapToLong(Answer::tookNanos).sorted().toArray();
            return Duration.ofNanos(took[(int) (took.length * 0.99)]);
        }

        /** Of what was sent when there was evidence. */
        double slowShare() {
            List<Answer> late = measured(EVIDENCE_MS);
            return (double) late.stream().filter(a -> a.instanceId().equals(SLOW)).count()
                    / late.size();
        }

        String summary() {
            return "p99 %d ms, slow one %.1f %% of %d"
                    .formatted(p99().toMillis(), 100 * slowShare(), measured(0).size());
        }

        private List<Answer> measured(long fromMs) {
            long from = slowFromNanos + TimeUnit.MILLISECONDS.toNanos(fromMs);
            return answers.stream()
                    .filter(a -> a.plannedNanos() >= from && a.plannedNanos() < slowToNanos)
                    .toList();
        }

        private void send(ScheduledExecutorService timer) {
            while (!stopped && nextNanos <= System.nanoTime()) {
                request(nextNanos);
                double perMs = LOAD * INSTANCES * WORKERS / SERVICE_MS;
                double gapMs = -Math.log(1 - random.nextDouble()) / perMs;
                nextNanos += Math.round(gapMs * 1e6);
            }
            if (!stopped) {
                var _ =
                        timer.schedule(
                                () -> send(timer),
                                nextNanos - System.nanoTime(),
                                TimeUnit.NANOSECONDS);
            }
        }

        private void request(long plannedNanos) {
            open.incrementAndGet();
            PredictRequest request =
                    PredictRequest.newBuilder()
                            .setBlockId(block.id)
                            .setPacket(Client.packet("s-" + number % 50, number++, "x"))
                            .build();
            Futures.addCallback(
                    PredictionGrpc.newFutureStub(client.channel()).predict(request),
                    new FutureCallback<PredictResponse>() {
                        @Override
                        public void onSuccess(@Nullable PredictResponse response) {
                            String id = response == null ? "" : response.getInstanceId();
                            long took = System.nanoTime() - plannedNanos;
                            answers.add(new Answer(plannedNanos, took, id));
                            open.decrementAndGet();
                        }

                        @Override
                        public void onFailure(Throwable error) {
                            LOG.atWarn().setCause(error).log("call failed");
                            errors.incrementAndGet();
                            open.decrementAndGet();
                        }
                    },
                    Runnable::run);
        }

        @Override
        public void close() {
            servers.forEach(InstanceServer::close);
            block.close();
        }
    }
}

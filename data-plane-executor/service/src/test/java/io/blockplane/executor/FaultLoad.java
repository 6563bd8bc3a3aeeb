package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Applications that go on whatever happens. One that sends infer sends each packet until it is
 * accepted; one that asks Predict asks again at the other executor when the first is not there.
 */
final class FaultLoad {

    static final int SESSIONS = 20;
    private static final int ASKERS = 4;
    private static final int PAUSE_MS = 40;
    private static final int WORK_MS = 30;
    private static final Duration PREDICT_LIMIT = Duration.ofSeconds(30);

    /** {@code session/seq} of each accepted packet. */
    final Map<String, Boolean> accepted = new ConcurrentHashMap<>();

    /** What calls of Predict ended with that an executor answered, but not with OK. */
    final Queue<String> refusals = new ConcurrentLinkedQueue<>();

    final AtomicInteger predicted = new AtomicInteger();

    private final FaultyHouse house;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean stopped;

    FaultLoad(FaultyHouse house, long seed) {
        this.house = house;
        SplittableRandom random = new SplittableRandom(seed);
        for (int s = 0; s < SESSIONS; s++) {
            String session = "fault-" + s;
            SplittableRandom own = random.split();
            threads.execute(() -> infer(session, own));
        }
        for (int a = 0; a < ASKERS; a++) {
            String session = "ask-" + a;
            SplittableRandom own = random.split();
            threads.execute(() -> predict(session, own));
        }
    }

    /** Lets each finish what it has begun. */
    void stop() throws InterruptedException {
        stopped = true;
        threads.shutdown();
        if (!threads.awaitTermination(LogUnderTest.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("a packet found no executor that accepts it");
        }
    }

    private void infer(String session, SplittableRandom random) {
        try (Connections connections = new Connections()) {
            for (int seq = 0; !stopped; seq++) {
                boolean done = false;
                while (!done) {
                    try {
                        done =
                                connections
                                        .to(random.nextInt(FaultyHouse.EXECUTORS))
                                        .infer(house.block.id, packet(session, seq, work(random)));
                    } catch (StatusRuntimeException e) {
                        if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                            throw e;
                        }
                        Thread.sleep(PAUSE_MS);
                    }
                }
                accepted.put(session + "/" + seq, true);
                Thread.sleep(random.nextInt(2 * PAUSE_MS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void predict(String session, SplittableRandom random) {
        try (Connections connections = new Connections()) {
            for (int seq = 0; !stopped; seq++) {
                try {
                    connections
                            .to(random.nextInt(FaultyHouse.EXECUTORS))
                            .predict(
                                    house.block.id,
                                    packet(session, seq, work(random)),
                                    PREDICT_LIMIT);
                    predicted.incrementAndGet();
                } catch (StatusRuntimeException e) {
                    String text = String.valueOf(e.getStatus().getDescription());
                    // An executor that is gone, or was killed with the call in its hands, does not
                    // speak of instances.
                    if (e.getStatus().getCode() != Status.Code.UNAVAILABLE
                            || text.contains("instance")) {
                        refusals.add(e.getStatus().getCode() + ": " + text);
                    }
                }
                Thread.sleep(random.nextInt(2 * PAUSE_MS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String work(SplittableRandom random) {
        return "sleep " + random.nextInt(WORK_MS);
    }

    /** One to each executor, made anew when that has another port. */
    private final class Connections implements AutoCloseable {

        private final Client[] clients = new Client[FaultyHouse.EXECUTORS];
        private final int[] ports = new int[FaultyHouse.EXECUTORS];

        private Client to(int executor) {
            int port = house.executors.get(executor).grpcPort;
            if (ports[executor] != port) {
                close(executor);
                clients[executor] = new Client(port);
                ports[executor] = port;
            }
            return clients[executor];
        }

        private void close(int executor) {
            if (ports[executor] != 0) {
                clients[executor].close();
            }
        }

        @Override
        public void close() {
            List.of(0, 1).forEach(this::close);
        }
    }
}

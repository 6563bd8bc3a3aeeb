package io.blockplane.instances;

import io.blockplane.proto.aios.AIOSPacket;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Upper-cases data; some inputs make it wait, fail or refuse. Also a process of its own. */
final class UpperCaseInstance implements Instance {

    final CountDownLatch hold = new CountDownLatch(1);
    final AtomicInteger processed = new AtomicInteger();
    volatile Health health = Health.HEALTHY;
    volatile boolean closed;

    public static void main(String[] args) {
        InstanceServer.main(args, _ -> new UpperCaseInstance());
    }

    @Override
    public Result process(AIOSPacket packet) {
        switch (packet.getData()) {
            case "hold" -> awaitRelease();
            case "slow" -> sleepOneSecond();
            case "break" -> throw new IllegalStateException("broken on request");
            case "" -> {
                return new Result.InvalidInput("data", "empty", "a text");
            }
            default -> {
                // Answered at once.
            }
        }
        processed.incrementAndGet();
        return new Result.Output(packet.getData().toUpperCase(Locale.ROOT), 3, 2);
    }

    @Override
    public Health health() {
        return health;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void awaitRelease() {
        try {
            hold.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void sleepOneSecond() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

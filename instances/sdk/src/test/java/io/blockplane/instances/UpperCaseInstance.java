package io.blockplane.instances;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.blockplane.proto.aios.AIOSPacket;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Upper-cases data; some inputs make it wait, fail or refuse. Also a process of its own. */
final class UpperCaseInstance implements Instance {

    final CountDownLatch hold = new CountDownLatch(1);
    final AtomicInteger processed = new AtomicInteger();
    final AtomicInteger streamed = new AtomicInteger(-1);
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

    /** {@code stream <n> <text>}: the text n times in n pieces; others at once. */
    @Override
    public Result stream(AIOSPacket packet, Pieces pieces) {
        String[] words = packet.getData().split(" ", 3);
        if (!words[0].equals("stream")) {
            return process(packet);
        }
        int wanted = Integer.parseInt(words[1]);
        int sent = 0;
        while (sent < wanted && pieces.send(words[2].toUpperCase(Locale.ROOT))) {
            sent++;
        }
        streamed.set(sent);
        return new Result.Output("", 3, sent);
    }

    @Override
    public JsonNode onUpdate(JsonNode parameters) {
        if (!parameters.path("loud").isBoolean()) {
            throw new IllegalArgumentException("loud: absent (expected: true or false)");
        }
        return parameters;
    }

    @Override
    public JsonNode management(String action, JsonNode data) {
        if (action.equals("break")) {
            throw new IllegalStateException("broken on request");
        }
        return TextNode.valueOf(action + " " + data.path("x").asInt());
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

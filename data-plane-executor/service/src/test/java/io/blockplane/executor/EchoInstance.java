package io.blockplane.executor;

import io.blockplane.instances.Instance;
import io.blockplane.instances.InstanceServer;
import io.blockplane.instances.Pieces;
import io.blockplane.instances.Result;
import io.blockplane.proto.aios.AIOSPacket;
import io.grpc.Context;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Answers {@code echo <data>}, words in and one word out. Data that begins with a word it knows
 * makes it do something else on the way: {@code sleep <ms>}, {@code hold} (until released), {@code
 * invalid}, {@code break}, {@code exit} (ends its process). To a caller that wants pieces, {@code
 * pieces <n> <ms>} sends so many, with a pause after each.
 */
final class EchoInstance implements Instance {

    /** {@code session/seq} of every packet, in the order in which processing began. */
    final List<String> seen = new CopyOnWriteArrayList<>();

    /** Sessions of which two packets were inside at once. */
    final List<String> overlaps = new CopyOnWriteArrayList<>();

    final Semaphore released = new Semaphore(0);
    final AtomicInteger holding = new AtomicInteger();

    /** Tasks on hold whose callers went away. */
    final AtomicInteger cancelled = new AtomicInteger();

    private final Map<String, Integer> inside = new ConcurrentHashMap<>();

    public static void main(String[] args) {
        InstanceServer.main(args, _ -> new EchoInstance());
    }

    @Override
    public Result process(AIOSPacket packet) {
        seen.add(packet.getSessionId() + "/" + packet.getSeqNo());
        if (inside.merge(packet.getSessionId(), 1, Integer::sum) > 1) {
            overlaps.add(packet.getSessionId());
        }
        try {
            return answer(packet);
        } catch (InterruptedException e) {

            Thread.currentThread().interrupt();
            return new Result.Output("interrupted", 0, 0);
        } finally {
            inside.merge(packet.getSessionId(), -1, Integer::sum);
        }
    }

    @Override
    public Result stream(AIOSPacket packet, Pieces pieces) {
        String[] words = packet.getData().split(" ", -1);
        if (!words[0].equals("pieces")) {
            return process(packet);
        }
        seen.add(packet.getSessionId() + "/" + packet.getSeqNo());
        int count = Integer.parseInt(words[1]);
        for (int i = 0; i < count; i++) {
            if (!pieces.send("piece" + i + " ")) {
                cancelled.incrementAndGet();
                break;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words[2])));
        }
        return new Result.Output("", 1, count);
    }

    private Result answer(AIOSPacket packet) throws InterruptedException {
        String[] words = packet.getData().split(" ", -1);
        switch (words[0]) {
            case "sleep" -> Thread.sleep(Long.parseLong(words[1]));
            case "hold" -> {
                holding.incrementAndGet();
                while (!released.tryAcquire(20, TimeUnit.MILLISECONDS)) {
                    if (Context.current().isCancelled()) {
                        cancelled.incrementAndGet();
                        break;
                    }
                }
                holding.decrementAndGet();
            }
            case "invalid" -> {
                return new Result.InvalidInput("data", packet.getData(), "something else");
            }
            case "break" -> throw new IllegalStateException("broken on request");
            case "exit" -> Runtime.getRuntime().halt(9);
            default -> {
                // Answered at once.
            }
        }
        return new Result.Output("echo " + packet.getData(), words.length, 1);
    }
}

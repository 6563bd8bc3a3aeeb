package io.blockplane.simulator.service;

import io.blockplane.simulator.Chance;
import io.blockplane.simulator.workload.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** Poisson arrivals at some servers, and how long requests are there. */
final class Queues {

    private final List<Server> servers = new ArrayList<>();
    private final int[] inHand;
    private final PriorityQueue<Wake> wakes = new PriorityQueue<>();
    private long counted;
    private double sumSeconds;
    private final long skipped;

    private record Wake(long atNanos, int server) implements Comparable<Wake> {
        @Override
        public int compareTo(Wake other) {
            return atNanos == other.atNanos
                    ? Integer.compare(server, other.server)
                    : Long.compare(atNanos, other.atNanos);
        }
    }

    private Queues(ServiceModel model, int count, long skipped, long seed) {
        for (int i = 0; i < count; i++) {
            servers.add(model.server(i + 1, seed));
        }
        this.inHand = new int[count];
        this.skipped = skipped;
    }

    /** Where a request goes: by what each server has in hand. */
    interface Choice {
        int choose(int[] inHand);
    }

    /**
     * The mean time in a server, seconds, of all but the first tenth.
     *
     * @param perSecond arrivals
     */
    static double meanSeconds(
            ServiceModel model,
            int count,
            double perSecond,
            int requests,
            long seed,
            Choice choice) {
        Queues queues = new Queues(model, count, requests / 10, seed);
        SplittableRandom random = Chance.of(seed, Chance.Stream.ARRIVALS, 1);
        double atSeconds = 0;
        for (int i = 0; i < requests; i++) {
            atSeconds += -Math.log1p(-random.nextDouble()) / perSecond;
            long now = (long) (atSeconds * 1e9);
            queues.advance(now);
            int to = choice.choose(queues.inHand);
            queues.inHand[to]++;
            queues.servers.get(to).offer(Request.of(i, now, "s", i, 1, 1), now);
            queues.wake(to);
        }
        queues.advance(Long.MAX_VALUE - 1);
        return queues.sumSeconds / queues.counted;
    }

    private void wake(int server) {
        long next = servers.get(server).nextNanos();
        if (next != Server.IDLE) {
            wakes.add(new Wake(next, server));
        }
    }

    private void advance(long until) {
        for (Wake next = wakes.peek(); next != null && next.atNanos <= until; next = wakes.peek()) {
            Wake due = wakes.remove();
            Server server = servers.get(due.server);
            if (server.nextNanos() != due.atNanos) {
                continue;
            }
            server.advance(
                    due.atNanos,
                    request -> {
                        inHand[due.server]--;
                        if (request.index() >= skipped) {
                            counted++;
                            sumSeconds += (due.atNanos - request.atNanos()) / 1e9;
                        }
                    });
            wake(due.server);
        }
    }
}

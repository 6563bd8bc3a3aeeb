package io.blockplane.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.Balancer.Question;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Eight instances at 80 % load, one of them ten times as slow for 30 of 60 seconds, in simulated
 * time: arrivals by chance, four requests at a time in each instance, the others of it wait there.
 */
class PrequalSimulationTest {

    private static final long MILLI = Duration.ofMillis(1).toNanos();
    private static final long SECOND = 1_000 * MILLI;
    private static final int INSTANCES = 8;
    private static final int WORKERS = 4;
    private static final long SERVICE = 20 * MILLI;
    private static final double LOAD = 0.8;
    private static final int SLOW = 3;
    private static final long SLOW_FROM = 10 * SECOND;
    private static final long SLOW_TO = 40 * SECOND;
    private static final long END = 60 * SECOND;
    private static final Prequal PREQUAL = new Prequal(0.5, 2, 1, Duration.ofSeconds(1), 32);

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3})
    void prequalLeavesASlowInstanceAloneByItsOwnSight(long seed) {
        provesItself(seed, false);
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3})
    void prequalLeavesASlowInstanceAloneByProbes(long seed) {
        provesItself(seed, true);
    }

    private static void provesItself(long seed, boolean probes) {
        Result even = new Simulation(new RoundRobin(), false, seed).run();
        Result least = new Simulation(new LeastOutstanding(), false, seed).run();
        Result prequal = new Simulation(PREQUAL, probes, seed).run();

        String all = "round-robin %s, least %s, prequal %s".formatted(even, least, prequal);
        assertThat(prequal.p99Nanos()).as(all).isLessThan(even.p99Nanos() / 2);
        assertThat(prequal.slowShare()).as(all).isLessThan(0.03);
        assertThat(prequal.shareAfterwards()).as("it comes back").isGreaterThan(0.09);
    }

    /**
     * What a run showed.
     *
     * @param slowShare of the picks from a second after the slow time began to its end
     * @param shareAfterwards of the picks in the last ten seconds
     */
    private record Result(long p99Nanos, double slowShare, double shareAfterwards) {
        @Override
        public String toString() {
            return "p99 %d ms, slow one %.2f %%, later %.2f %%"
                    .formatted(p99Nanos / MILLI, 100 * slowShare, 100 * shareAfterwards);
        }
    }

    private record Event(long at, long order, Runnable happens) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    private static final class Server {
        private final OwnLatency seenByRouter = new OwnLatency();
        private final OwnLatency seenByItself = new OwnLatency();
        private final Deque<Runnable> waiting = new ArrayDeque<>();
        private int busy;
        private int outstanding;
    }

    private static final class Simulation {
        private final NativeBalancer balancer;
        private final boolean probes;
        private final SplittableRandom random;
        private final PriorityQueue<Event> events = new PriorityQueue<>();
        private final List<Server> servers = new ArrayList<>();
        private final List<String> ids = new ArrayList<>();
        private final ProbePool pool = new ProbePool(PREQUAL);
        private final List<Long> latencies = new ArrayList<>();
        private long now;
        private long order;
        private long sequence;
        private long picks;
        private long slowPicks;
        private long latePicks;
        private long lateSlowPicks;

        Simulation(NativeBalancer balancer, boolean probes, long seed) {
            this.balancer = balancer;
            this.probes = probes;
            this.random = new SplittableRandom(seed);
            for (int i = 0; i < INSTANCES; i++) {
                servers.add(new Server());
                ids.add("in-" + i);
            }
        }

        Result run() {
            arrive();
            for (Event next = events.poll(); next != null; next = events.poll()) {
                now = next.at();
                next.happens().run();
            }
            long[] sorted = latencies.stream().mapToLong(Long::longValue).sorted().toArray();
            return new Result(
                    sorted[(int) (sorted.length * 0.99)],
                    (double) slowPicks / picks,
                    (double) lateSlowPicks / latePicks);
        }

        private void in(long nanos, Runnable happens) {
            events.add(new Event(now + nanos, order++, happens));
        }

        private long chance(double mean) {
            return Math.round(-Math.log(1 - random.nextDouble()) * mean);
        }

        private void arrive() {
            if (now >= END) {
                return;
            }
            double perNano = LOAD * INSTANCES * WORKERS / SERVICE;
            in(chance(1 / perNano), this::arrive);
            if (now > 0) {
                route();
            }
        }

        private void route() {
            sequence++;
            boolean probed = probes && pool.enough(ids, now);
            List<InstanceLoad> loads = new ArrayList<>();
            for (int i = 0; i < INSTANCES; i++) {
                loads.add(load(i, probed));
            }
            PacketFacts packet = new PacketFacts("s", sequence);
            int chosen = ids.indexOf(balancer.choose(new Question(sequence, packet, loads)));
            count(chosen);
            Server server = servers.get(chosen);
            server.outstanding++;
            if (probes) {
                pool.picked(ids.get(chosen));
                pool.toProbe(sequence, ids).forEach(this::probe);
            }
            long start = now;
            OwnLatency.Running outside = server.seenByRouter.started(now);
            OwnLatency.Running inside = server.seenByItself.started(now);
            Runnable ends =
                    () -> {
                        server.outstanding--;
                        server.seenByRouter.ended(outside, true, now);
                        server.seenByItself.ended(inside, true, now);
                        latencies.add(now - start);
                        leave(server);
                    };
            server.waiting.add(() -> in(serviceTime(chosen), ends));
            serve(server);
        }

        private InstanceLoad load(int i, boolean probed) {
            Server server = servers.get(i);
            if (!probed) {
                return InstanceLoad.probed(
                        ids.get(i),
                        server.outstanding,
                        server.outstanding,
                        server.seenByRouter.estimateUs(now));
            }
            ProbePool.Probe probe = pool.usable(ids.get(i), now);
            return probe == null
                    ? new InstanceLoad(ids.get(i), server.outstanding)
                    : InstanceLoad.probed(
                            ids.get(i), server.outstanding, probe.inFlight(), probe.latencyUs());
        }

        /** A probe takes a millisecond. */
        private void probe(String id) {
            Server server = servers.get(ids.indexOf(id));
            int inFlight = server.outstanding;
            long latencyUs = server.seenByItself.estimateUs(now);
            in(MILLI, () -> pool.answered(id, inFlight, latencyUs, now));
        }

        private void serve(Server server) {
            if (server.busy < WORKERS && !server.waiting.isEmpty()) {
                server.busy++;
                server.waiting.remove().run();
            }
        }

        private void leave(Server server) {
            server.busy--;
            serve(server);
        }

        private long serviceTime(int instance) {
            boolean slow = instance == SLOW && now >= SLOW_FROM && now < SLOW_TO;
            return chance(slow ? 10.0 * SERVICE : SERVICE);
        }

        private void count(int chosen) {
            if (now >= SLOW_FROM + SECOND && now < SLOW_TO) {
                picks++;
                slowPicks += chosen == SLOW ? 1 : 0;
            }
            if (now >= END - 10 * SECOND) {
                latePicks++;
                lateSlowPicks += chosen == SLOW ? 1 : 0;
            }
        }
    }
}

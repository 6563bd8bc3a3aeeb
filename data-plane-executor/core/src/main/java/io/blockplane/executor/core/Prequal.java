package io.blockplane.executor.core;

import io.blockplane.events.TaskEvent.InstanceLoad;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * {@code builtin:prequal}: balances by requests in flight and latency, as probes report them, and
 * not by an even share of requests (Wydrowski, Kleinberg, Rumble, Archer, "Load is not what you
 * should balance: Introducing Prequal", NSDI 2024). The rule, for the candidates of which {@code
 * inFlight} is known:
 *
 * <ol>
 *   <li>A candidate is <em>hot</em> when it has more requests in flight than the {@code
 *       rifQuantile} of them all, else cold.
 *   <li>Of the cold ones the one with the lowest latency is picked. Those within {@code
 *       latencyTolerance} times the lowest are alike, and so is one of which no latency is known,
 *       for else it could never show one; of these the one with the fewest requests in flight, then
 *       by the sequence number.
 * </ol>
 *
 * Where nothing is known of any, it is {@link PowerOfTwo}. What the figures are: {@link ProbePool},
 * {@link OwnLatency}. The paper takes the quantile over recent probes of all instances; here it is
 * taken over the question, so that the record holds all of it, and there is always a cold one. And
 * the paper has hundreds of instances and no tolerance; among eight alike it would send all traffic
 * to whichever had the luckiest median (tolerance 1 does so).
 *
 * @param rifQuantile 0: fewest in flight only; 1: latency only
 * @param latencyTolerance from 1
 * @param probesPerRequest sent after each pick, on average
 * @param probeMaxAge an older probe is not used
 * @param probeReuse picks that one probe may serve
 */
public record Prequal(
        double rifQuantile,
        double latencyTolerance,
        double probesPerRequest,
        Duration probeMaxAge,
        int probeReuse)
        implements NativeBalancer {

    public static final String URI = "builtin:prequal";

    static final double DEFAULT_RIF_QUANTILE = 0.5;
    static final double DEFAULT_LATENCY_TOLERANCE = 2;
    static final double MAX_LATENCY_TOLERANCE = 100;
    static final int CUT_OFF_TOLERANCES = 2;
    static final double DEFAULT_PROBES_PER_REQUEST = 1;
    static final double MAX_PROBES_PER_REQUEST = 10;
    static final Duration DEFAULT_PROBE_MAX_AGE = Duration.ofSeconds(1);
    static final int DEFAULT_PROBE_REUSE = 32;
    static final int MAX_PROBE_REUSE = 10_000;

    @Override
    public String uri() {
        return URI;
    }

    @Override
    public String choose(Question question) {
        List<InstanceLoad> candidates = question.candidates();
        int n = candidates.size();
        int[] inFlight = new int[n];
        int known = 0;
        for (int i = 0; i < n; i++) {
            Integer reported = candidates.get(i).inFlight();
            if (reported != null) {
                inFlight[known++] = reported;
            }
        }
        if (known == 0) {
            return PowerOfTwo.pick(question).instanceId();
        }
        Arrays.sort(inFlight, 0, known);
        int rank = (int) Math.ceil(rifQuantile * known) - 1;
        return coldest(question, inFlight[Math.clamp(rank, 0, known - 1)]);
    }

    private String coldest(Question question, int hotAbove) {
        List<InstanceLoad> candidates = question.candidates();
        int n = candidates.size();
        double alike = latencyTolerance * lowestLatency(candidates, hotAbove);
        // Where to begin decides between equals.
        int start = Mixing.below(Mixing.mix(question.sequence()), n);
        String best = "";
        int fewest = Integer.MAX_VALUE;
        for (int i = 0; i < n; i++) {
            InstanceLoad candidate = candidates.get((start + i) % n);
            Integer inFlight = candidate.inFlight();
            if (inFlight != null
                    && inFlight <= hotAbove
                    && inFlight < fewest
                    && latency(candidate) <= alike) {
                best = candidate.instanceId();
                fewest = inFlight;
            }
        }
        return best;
    }

    /**
     * What a request that was cut off counts as at least: more than what is alike.
     *
     * @param othersUs latencies of the other instances, as far as they are known
     */
    public long cutOffUs(long[] othersUs) {
        if (othersUs.length == 0) {
            return 0;
        }
        long[] sorted = othersUs.clone();
        Arrays.sort(sorted);
        return (long) (CUT_OFF_TOLERANCES * latencyTolerance * sorted[sorted.length / 2]);
    }

    /** Of the cold ones of which it is known; 0 when there are none. */
    private static long lowestLatency(List<InstanceLoad> candidates, int hotAbove) {
        long lowest = Long.MAX_VALUE;
        for (int i = 0; i < candidates.size(); i++) {
            InstanceLoad candidate = candidates.get(i);
            Integer inFlight = candidate.inFlight();
            long latency = latency(candidate);
            if (inFlight != null && inFlight <= hotAbove && latency > 0) {
                lowest = Math.min(lowest, latency);
            }
        }
        return lowest == Long.MAX_VALUE ? 0 : lowest;
    }

    private static long latency(InstanceLoad load) {
        Long reported = load.latencyUs();
        return reported == null ? 0 : reported;
    }
}

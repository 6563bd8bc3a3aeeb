package io.blockplane.simulator.workload;

import io.blockplane.simulator.Chance;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Requests that never were: Poisson arrivals at one rate, tokens geometrically distributed about
 * their means.
 */
public record SyntheticWorkload(
        int requests, double perSecond, double meanTokensIn, double meanTokensOut, int sessions) {

    public SyntheticWorkload {
        if (requests < 1 || !(perSecond > 0) || sessions < 1) {
            throw new IllegalArgumentException(
                    "synthetic: %d requests, %s a second, %d sessions (expected: all > 0)"
                            .formatted(requests, perSecond, sessions));
        }
        if (!(meanTokensIn >= 1) || !(meanTokensOut >= 1)) {
            throw new IllegalArgumentException(
                    "synthetic: tokens %s in, %s out (expected: >= 1)"
                            .formatted(meanTokensIn, meanTokensOut));
        }
    }

    /** Makes them. */
    public Workload make(long seed) {
        SplittableRandom arrivals = Chance.of(seed, Chance.Stream.ARRIVALS, 0);
        SplittableRandom tokens = Chance.of(seed, Chance.Stream.TOKENS, 0);
        List<Request> made = new ArrayList<>(requests);
        double atSeconds = 0;
        for (int i = 0; i < requests; i++) {
            atSeconds += -Math.log1p(-arrivals.nextDouble()) / perSecond;
            made.add(
                    Request.of(
                            i,
                            (long) (atSeconds * 1e9),
                            "synthetic-" + i % sessions,
                            i / sessions,
                            geometric(tokens, meanTokensIn),
                            geometric(tokens, meanTokensOut)));
        }
        String name =
                "%d requests, %s/s, tokens %s in, %s out, seed %d"
                        .formatted(requests, perSecond, meanTokensIn, meanTokensOut, seed);
        return new Workload("synthetic", name, "", 0, made);
    }

    private static int geometric(SplittableRandom random, double mean) {
        return mean <= 1
                ? 1
                : 1 + (int) Math.floor(Math.log1p(-random.nextDouble()) / Math.log1p(-1 / mean));
    }
}

package io.blockplane.simulator.service;

import io.blockplane.llm.LlmEngine.Limits;
import io.blockplane.llm.ServiceTimes;
import io.blockplane.simulator.service.LlmFit.Observed;
import io.blockplane.simulator.workload.Request;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Fits the engine by running it: what requests took that were handed to an instance is beside what
 * they take in an engine that is handed the same ones at the same times, alone or in the company
 * that they had. Coordinates are moved by ever smaller factors as long as the mean squared
 * logarithm of the ratios falls, in which too long and too short count alike and a single hiccup of
 * the machine counts little.
 */
final class EngineFit {

    /** beside, prefill, perPromptToken, decode, perSequence, perContextToken; milliseconds. */
    private static final double[] LEAST = {0.1, 0.1, 1e-4, 0.1, 1e-3, 1e-7};

    private static final double[] FACTORS = {1.5, 1.2, 1.08, 1.03, 1.01};
    private static final int ROUNDS = 6;

    private final Collection<List<Observed>> instances;
    private final Limits limits;
    private final int count;
    private double absolute;
    private double signed;

    private EngineFit(Collection<List<Observed>> instances, Limits limits) {
        this.instances = instances;
        this.limits = new Limits(limits.batch(), limits.cacheTokens(), limits.waiting(), 0);
        this.count = instances.stream().mapToInt(List::size).sum();
    }

    /**
     * The model.
     *
     * @param instances what each did, in the order in which requests began
     * @param guess to begin with
     */
    static LlmService of(Collection<List<Observed>> instances, Limits limits, List<Double> guess) {
        EngineFit fit = new EngineFit(instances, limits);
        double[] found = new double[LEAST.length];
        for (int i = 0; i < found.length; i++) {
            found[i] = Math.max(LEAST[i], guess.get(i));
        }
        double loss = fit.loss(found);
        for (double factor : FACTORS) {
            boolean moved = true;
            for (int round = 0; round < ROUNDS && moved; round++) {
                moved = false;
                for (int i = 0; i < found.length; i++) {
                    for (double by : new double[] {factor, 1 / factor}) {
                        double[] tried = found.clone();
                        tried[i] = Math.max(LEAST[i], found[i] * by);
                        double lossThere = fit.loss(tried);
                        if (lossThere < loss) {
                            loss = lossThere;
                            found = tried;
                            moved = true;
                        }
                    }
                }
            }
        }
        fit.loss(found);
        String text =
                String.format(
                        Locale.ROOT,
                        "fitted to %,d requests, mean error of one %.1f %%, bias %+.1f %%",
                        fit.count,
                        fit.absolute / fit.count * 100,
                        Math.expm1(fit.signed / fit.count) * 100);
        return fit.model(found, text);
    }

    private LlmService model(double[] x, String text) {
        ServiceTimes times =
                new ServiceTimes(
                        "fitted",
                        List.of(
                                new ServiceTimes.Point(0, x[1]),
                                new ServiceTimes.Point(1_000, x[1] + 1_000 * x[2])),
                        x[3],
                        x[4],
                        x[5]);
        return new LlmService(times, limits, 1, x[0], text);
    }

    private double loss(double[] x) {
        LlmService model = model(x, "");
        absolute = 0;
        signed = 0;
        double squares = 0;
        for (List<Observed> seen : instances) {
            double[] tookMs = run(model.server(1, 1), seen);
            for (int i = 0; i < tookMs.length; i++) {
                double log = Math.log(tookMs[i] / seen.get(i).ms());
                squares += log * log;
                signed += log;
                absolute += Math.abs(Math.expm1(log));
            }
        }
        return squares / count;
    }

    /** How long the engine takes for what the instance was handed. */
    private static double[] run(Server server, List<Observed> seen) {
        double originMs = seen.getFirst().beginMs();
        double[] tookMs = new double[seen.size()];
        // One that the engine has no room for says nothing.
        Arrays.setAll(tookMs, i -> seen.get(i).ms());
        for (int i = 0; i < tookMs.length; i++) {
            Observed next = seen.get(i);
            long at = (long) ((next.beginMs() - originMs) * 1e6);
            advance(server, at, tookMs);
            server.offer(Request.of(i, at, "s", i, next.tokensIn(), next.tokensOut()), at);
        }
        advance(server, Server.IDLE - 1, tookMs);
        return tookMs;
    }

    private static void advance(Server server, long until, double[] tookMs) {
        for (long next = server.nextNanos(); next <= until; next = server.nextNanos()) {
            long now = next;
            server.advance(now, r -> tookMs[r.index()] = Math.max(0.1, (now - r.atNanos()) / 1e6));
        }
    }
}

package io.blockplane.load;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Requests at the rates of a plan, evenly spaced or as a Poisson process. The same seed gives the
 * same requests.
 *
 * <p>The plan's integral counts the requests that are due; a request leaves when that count reaches
 * the next whole number (even), or the sum of exponential steps (Poisson; a Poisson process whose
 * clock is the integral has the plan's rate at each moment).
 */
public final class RateSchedule implements Schedule {

    /** How requests are spread within their rate. */
    public enum Spacing {
        EVEN,
        POISSON
    }

    private static final double NANOS = 1e9;

    private final RatePlan plan;
    private final Spacing spacing;
    private final TokenCounts input;
    private final TokenCounts output;
    private final long limit;
    private final SplittableRandom gaps;
    private final SplittableRandom tokens;
    private int phase;
    private double phaseStartSeconds;
    private double countBeforePhase;
    private double due;
    private long made;

    /**
     * Prepares.
     *
     * @param limit requests at most
     */
    public RateSchedule(
            RatePlan plan,
            Spacing spacing,
            TokenCounts input,
            TokenCounts output,
            long limit,
            long seed) {
        this.plan = plan;
        this.spacing = spacing;
        this.input = input;
        this.output = output;
        this.limit = limit;
        SplittableRandom random = new SplittableRandom(seed);
        this.gaps = random.split();
        this.tokens = random.split();
        this.due = spacing == Spacing.EVEN ? 0 : gap();
    }

    /** The same rate for a time, evenly spaced, each request with so many input tokens. */
    public static RateSchedule steady(double perSecond, Duration duration, int inputTokens) {
        return new RateSchedule(
                new RatePlan(List.of(new RatePlan.Phase(perSecond, perSecond, duration))),
                Spacing.EVEN,
                new TokenCounts.Fixed(inputTokens),
                new TokenCounts.Fixed(0),
                Long.MAX_VALUE,
                0);
    }

    @Override
    public @Nullable Arrival next() {
        while (made < limit && phase < plan.phases().size()) {
            RatePlan.Phase now = plan.phases().get(phase);
            double inPhase = due - countBeforePhase;
            if (inPhase < now.total()) {
                double seconds = phaseStartSeconds + (inPhase <= 0 ? 0 : now.when(inPhase));
                made++;
                due += spacing == Spacing.EVEN ? 1 : gap();
                return new Arrival(
                        (long) (seconds * NANOS), input.draw(tokens), output.draw(tokens));
            }
            countBeforePhase += now.total();
            phaseStartSeconds += now.seconds();
            phase++;
        }
        return null;
    }

    private double gap() {
        return -Math.log(1 - gaps.nextDouble());
    }
}

package io.blockplane.executor.core;

import io.blockplane.events.Json;
import java.time.Duration;

/**
 * What protects a block, as the {@code protection} of its balancer's settings says.
 *
 * @param maxOutstanding tasks that an instance has at once
 * @param maxQueued Predict calls that wait for a free instance; more are refused
 * @param ejection when an instance gets nothing for a while
 * @param slowStart over which a new instance's share grows; zero: it has it at once
 * @param retryPercent repetitions, by requests
 * @param retriesPerSecond that are allowed beside
 */
public record Protection(
        int maxOutstanding,
        int maxQueued,
        OutlierEjection.Limits ejection,
        Duration slowStart,
        int retryPercent,
        int retriesPerSecond) {

    /** Name of the setting. */
    public static final String SETTING = "protection";

    public static final Protection DEFAULT =
            new Protection(
                    256, 1_000, OutlierEjection.Limits.DEFAULT, Duration.ofSeconds(10), 20, 10);

    private static final Duration MAX_TIME = Duration.ofHours(1);

    /** What settings lead to. */
    public sealed interface Read {

        record Settings(Protection protection) implements Read {}

        /** Its field is a path below {@code settings}. */
        record Refused(Refusal refusal) implements Read {}
    }

    /** Of the settings of a block's balancer; what they do not name has its default. */
    public static Read of(Json settings) {
        Json own = settings.members().get(SETTING);
        if (own == null) {
            return new Read.Settings(DEFAULT);
        }
        Parameters given = new Parameters("settings." + SETTING, own);
        Protection read = read(given);
        Refusal refusal = given.refusal();
        return refusal == null ? new Read.Settings(read) : new Read.Refused(refusal);
    }

    private static Protection read(Parameters given) {
        OutlierEjection.Limits standard = OutlierEjection.Limits.DEFAULT;
        Duration milli = Duration.ofMillis(1);
        OutlierEjection.Limits ejection =
                new OutlierEjection.Limits(
                        given.whole(
                                "eject_consecutive_failures",
                                standard.consecutiveFailures(),
                                2,
                                1_000),
                        given.whole("eject_failure_percent", standard.failurePercent(), 1, 100),
                        given.whole("eject_min_attempts", standard.minAttempts(), 2, 100_000),
                        given.millis("eject_window_ms", standard.window(), milli, MAX_TIME),
                        given.millis("eject_base_ms", standard.baseEjection(), milli, MAX_TIME),
                        given.millis("eject_max_ms", standard.maxEjection(), milli, MAX_TIME),
                        given.whole("max_ejection_percent", standard.maxEjectedPercent(), 0, 100));
        return new Protection(
                given.whole("max_outstanding", DEFAULT.maxOutstanding, 1, 100_000),
                given.whole("max_queued", DEFAULT.maxQueued, 0, 100_000),
                ejection,
                given.millis("slow_start_ms", DEFAULT.slowStart, Duration.ZERO, MAX_TIME),
                given.whole("retry_percent", DEFAULT.retryPercent, 0, 100),
                given.whole("retries_per_second", DEFAULT.retriesPerSecond, 0, 10_000));
    }
}

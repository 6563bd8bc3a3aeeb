package io.blockplane.replay.report;

import io.blockplane.simulator.result.BacktestResult.Estimate;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers for people: as many digits as say something, with their units. */
final class Numbers {

    static final double SECONDS_PER_HOUR = 3_600;

    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);
    private static final int DECIMALS_MAX = 4;

    private Numbers() {}

    /** Three digits that count, more only before the point: {@code 1,234}, {@code 12.3}. */
    static String three(double value) {
        double size = Math.abs(value);
        int whole = size < 1e-9 ? 1 : (int) Math.floor(Math.log10(size)) + 1;
        int decimals = size < 1e-9 ? 0 : Math.clamp(3 - whole, 0, DECIMALS_MAX);
        return fixed(value, decimals);
    }

    static String fixed(double value, int decimals) {
        String text = String.format(Locale.ROOT, "%,." + decimals + "f", Math.abs(value));
        boolean zero = text.chars().noneMatch(c -> c >= '1' && c <= '9');
        return value < 0 && !zero ? "−" + text : text;
    }

    /** With its sign, and none for zero. */
    static String signed(double value, int decimals) {
        String text = fixed(value, decimals);
        boolean zero = text.chars().noneMatch(c -> c >= '1' && c <= '9');
        return value > 0 && !zero ? "+" + text : text;
    }

    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Of instance-seconds, in instance-hours. */
    static String hours(double instanceSeconds) {
        return three(instanceSeconds / SECONDS_PER_HOUR);
    }

    /** Of a share, in percent; never 100 unless all of it, never 0 unless nothing. */
    static String percent(double share) {
        String text = fixed(100 * share, 2);
        if (text.equals("100.00")) {
            return share < 1 ? ">99.99" : "100";
        }
        return text.equals("0.00") && share > 0 ? "<0.01" : text;
    }

    /** A limit or a goal that somebody set: without noughts at its end. */
    static String plain(double value) {
        return BigDecimal.valueOf(value)
                .setScale(DECIMALS_MAX, RoundingMode.HALF_EVEN)
                .stripTrailingZeros()
                .toPlainString();
    }

    /** Of milliseconds, in seconds. */
    static String seconds(double ms) {
        return three(ms / 1_000);
    }

    /** The lower and upper end of hours. */
    static String hoursRange(Estimate estimate) {
        return range(hours(estimate.low()), hours(estimate.high()));
    }

    static String percentRange(Estimate estimate) {
        return range(percent(estimate.low()), percent(estimate.high()));
    }

    /** Empty when both ends read the same: there is nothing to say. */
    static String range(String low, String high) {
        return low.equals(high) ? "" : low + " to " + high;
    }

    /** Such as {@code 57 min} or {@code 2 h 5 min}. */
    static String duration(long ms) {
        long seconds = Math.round(ms / 1_000.0);
        if (seconds < 120) {
            return seconds + " s";
        }
        long minutes = Math.round(seconds / 60.0);
        return minutes < 120
                ? minutes + " min"
                : minutes / 60 + " h" + (minutes % 60 == 0 ? "" : " " + minutes % 60 + " min");
    }

    /** Since the beginning: {@code 0:12:30}. */
    static String elapsed(long ms) {
        long seconds = ms / 1_000;
        return String.format(
                Locale.ROOT, "%d:%02d:%02d", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }

    static String utc(long epochMs) {
        return UTC.format(Instant.ofEpochMilli(epochMs));
    }
}

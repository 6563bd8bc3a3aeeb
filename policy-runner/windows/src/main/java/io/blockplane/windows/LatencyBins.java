package io.blockplane.windows;

/**
 * Log-linear bins for times in microseconds: one microsecond wide up to 64, from there on 32 bins
 * an octave, so that a bin is never wider than 1/32 of a value in it. Integers only: a logarithm
 * may differ in its last bit between JVMs. Bins are ordered as the values are, so the bin of a
 * quantile is the quantile of the bins.
 */
final class LatencyBins {

    private static final int SUB_BITS = 5;
    static final int PER_OCTAVE = 1 << SUB_BITS;

    /** Enough for {@link EventLimits#MAX_DURATION_US}; the bins below 32 us count as one. */
    static final int OCTAVES = of(EventLimits.MAX_DURATION_US) / PER_OCTAVE + 1;

    static final int COUNT = OCTAVES * PER_OCTAVE;

    private LatencyBins() {}

    /** The bin of a time; {@code us} is 0 or more. */
    static int of(long us) {
        if (us < PER_OCTAVE) {
            return (int) us;
        }
        int shift = Long.SIZE - 1 - SUB_BITS - Long.numberOfLeadingZeros(us);
        int inOctave = (int) (us >>> shift) & (PER_OCTAVE - 1);
        return (shift + 1) * PER_OCTAVE + inOctave;
    }

    /** The time that stands for a bin: its middle, rounded down to a microsecond. */
    static long representative(int bin) {
        if (bin < PER_OCTAVE) {
            return bin;
        }
        int shift = bin / PER_OCTAVE - 1;
        long lowest = (long) (PER_OCTAVE + bin % PER_OCTAVE) << shift;
        return lowest + (1L << shift >>> 1);
    }
}

package io.blockplane.load;

/**
 * How a run stands.
 *
 * @param seconds since its start
 * @param perSecond answers a second since the report before
 * @param p50Ms latency of the answers since the report before
 * @param p99Ms latency of the answers since the report before
 */
public record Progress(
        double seconds,
        long planned,
        long answered,
        long failed,
        int inFlight,
        double perSecond,
        double p50Ms,
        double p99Ms) {

    public String text() {
        return "%6.0f s  %,9d sent  %,9d answered  %,6d failed  %,5d open  %,8.1f/s  p50 %.1f  p99 %.1f ms"
                .formatted(seconds, planned, answered, failed, inFlight, perSecond, p50Ms, p99Ms);
    }
}

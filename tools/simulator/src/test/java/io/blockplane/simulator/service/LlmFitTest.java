package io.blockplane.simulator.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.llm.LlmEngine.Limits;
import io.blockplane.llm.ServiceTimes;
import io.blockplane.simulator.Chance;
import io.blockplane.simulator.service.LlmFit.Observed;
import io.blockplane.simulator.workload.Request;
import io.blockplane.simulator.workload.SyntheticWorkload;
import io.blockplane.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LlmFitTest {

    private static final Limits LIMITS = new Limits(64, 120_000, 256, 0);

    private static LlmService known() {
        ServiceTimes times =
                new ServiceTimes(
                        "known",
                        List.of(new ServiceTimes.Point(0, 5), new ServiceTimes.Point(1_000, 55)),
                        9,
                        0.06,
                        2e-5);
        return new LlmService(times, LIMITS, 1, 3, "");
    }

    private static Workload workload(long seed) {
        return new SyntheticWorkload(2_000, 4, 1_500, 30, 16).make(seed);
    }

    @Test
    void findsTheTimesThatTheRequestsWereMadeWith() {
        LlmService fitted = LlmFit.of(observed(known(), workload(1)), LIMITS);
        assertThat(fitted.times().prefillMs(1_500))
                .isCloseTo(known().times().prefillMs(1_500), Percentage.withPercentage(5));
        assertThat(fitted.times().decodeMs(4, 8_000))
                .isCloseTo(known().times().decodeMs(4, 8_000), Percentage.withPercentage(10));
    }

    @Test
    void whatIsFittedTakesAsLongOnOtherRequests() {
        LlmService fitted = LlmFit.of(observed(known(), workload(1)), LIMITS);
        Workload other = workload(2);
        double real = meanMs(observed(known(), other));
        assertThat(meanMs(observed(fitted, other))).isCloseTo(real, Percentage.withPercentage(5));
    }

    @Test
    void saysHowFarItIsOffAndRefusesTooFew() {
        assertThat(LlmFit.of(observed(known(), workload(1)), LIMITS).fit())
                .contains("fitted to 2,000 requests, mean error of one");
        assertThatThrownBy(() -> LlmFit.of(List.of(), LIMITS))
                .hasMessage(
                        "requests: 0 with token counts (expected: at least 30 to fit times to)");
    }

    private static double meanMs(List<Observed> observed) {
        return observed.stream().mapToDouble(Observed::ms).average().orElse(0);
    }

    /** One instance with these requests. */
    private static List<Observed> observed(ServiceModel model, Workload workload) {
        Server server = model.server(1, Chance.of(1, Chance.Stream.ENGINE, 1).nextLong());
        List<Observed> observed = new ArrayList<>();
        for (Request request : workload.requests()) {
            advance(server, request.atNanos(), observed);
            server.offer(request, request.atNanos());
        }
        advance(server, Server.IDLE - 1, observed);
        return observed;
    }

    private static void advance(Server server, long until, List<Observed> observed) {
        for (long next = server.nextNanos(); next <= until; next = server.nextNanos()) {
            double ms = next / 1e6;
            server.advance(
                    next,
                    r ->
                            observed.add(
                                    new Observed(
                                            "i",
                                            r.atNanos() / 1e6,
                                            ms,
                                            r.tokensIn(),
                                            r.tokensOut())));
        }
    }
}

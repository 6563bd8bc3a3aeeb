package io.blockplane.simulator.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.Balancer.Question;
import io.blockplane.executor.core.PowerOfTwo;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Models beside queueing theory, by a fixed seed. More requests bring them nearer: {@code
 * -Dtheory.factor=10}.
 */
class TheoryTest {

    private static final int FACTOR = Integer.getInteger("theory.factor", 1);
    private static final Percentage CLOSE = Percentage.withPercentage(3);
    private static final long SEED = 1;
    private static final int SERVERS = 200;
    private static final double LOAD = 0.9;

    @ParameterizedTest(name = "M/M/{0} at load {1}, seed 1")
    @CsvSource({"1, 0.5", "1, 0.8", "4, 0.8", "16, 0.9"})
    void waitsAsErlangCSays(int places, double load) {
        ServiceModel model = new PlacesService(places, new Demand.Exponential(1));
        double simulated =
                Queues.meanSeconds(model, 1, load * places, 400_000 * FACTOR, SEED, _ -> 0);
        double theory = 1 + erlangC(places, load * places) / (places - load * places);
        assertThat(simulated).isCloseTo(theory, CLOSE);
    }

    @Test
    void constantDemandWaitsHalfAsLongAsExponential() {
        // Pollaczek-Khinchine: M/D/1 waits rho / (2 (1 - rho)).
        double simulated =
                Queues.meanSeconds(
                        new PlacesService(1, new Demand.Constant(1)),
                        1,
                        0.8,
                        400_000 * FACTOR,
                        SEED,
                        _ -> 0);
        assertThat(simulated).isCloseTo(1 + 0.8 / (2 * 0.2), CLOSE);
    }

    @Test
    void recordedTimesComeOutAsOftenAsTheyWereSeen() {
        ServiceModel model =
                new PlacesService(1, Demand.Empirical.of(List.of(1_000_000_000L, 3_000_000_000L)));
        // M/G/1: rho + lambda^2 E[S^2] / 2 (1 - rho), by Little; E[S] = 2, E[S^2] = 5.
        double lambda = 0.3;
        double theory = 2 + lambda * 5 / (2 * (1 - lambda * 2));
        assertThat(Queues.meanSeconds(model, 1, lambda, 400_000 * FACTOR, SEED, _ -> 0))
                .isCloseTo(theory, CLOSE);
    }

    @Test
    void randomChoiceAmongTwoHundredAtLoadNineTenthsTakesTenTimesTheService() {
        SplittableRandom random = new SplittableRandom(SEED);
        double simulated =
                Queues.meanSeconds(
                        new PlacesService(1, new Demand.Exponential(1)),
                        SERVERS,
                        LOAD * SERVERS,
                        1_500_000 * FACTOR,
                        SEED,
                        inHand -> random.nextInt(inHand.length));
        assertThat(simulated).isCloseTo(10.0, CLOSE);
    }

    @Test
    void theProductionsPowerOfTwoTakesTwoPointSixOneTimesTheService() {
        PowerOfTwo balancer = new PowerOfTwo();
        long[] sequence = {0};
        double simulated =
                Queues.meanSeconds(
                        new PlacesService(1, new Demand.Exponential(1)),
                        SERVERS,
                        LOAD * SERVERS,
                        150_000 * FACTOR,
                        SEED,
                        inHand -> choose(balancer, ++sequence[0], inHand));
        assertThat(simulated).isCloseTo(2.61, CLOSE);
    }

    @Test
    void erlangCIsThatOfTheTables() {
        assertThat(erlangC(1, 0.5)).isCloseTo(0.5, within(1e-9));
        assertThat(erlangC(2, 1)).isCloseTo(1.0 / 3, within(1e-9));
    }

    private static int choose(PowerOfTwo balancer, long sequence, int[] inHand) {
        List<InstanceLoad> loads = new ArrayList<>(inHand.length);
        for (int i = 0; i < inHand.length; i++) {
            loads.add(new InstanceLoad(Integer.toString(i), inHand[i]));
        }
        return Integer.parseInt(
                balancer.choose(new Question(sequence, new PacketFacts("s", 0), loads)));
    }

    /** Probability that one waits: n servers, offered load a. */
    private static double erlangC(int n, double a) {
        double term = 1;
        double sum = 1;
        for (int k = 1; k < n; k++) {
            term *= a / k;
            sum += term;
        }
        double last = term * a / n * n / (n - a);
        return last / (sum + last);
    }
}

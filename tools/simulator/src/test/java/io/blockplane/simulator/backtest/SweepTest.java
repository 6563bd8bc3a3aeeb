package io.blockplane.simulator.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.events.Json;
import io.blockplane.simulator.backtest.Sweep.Axis;
import io.blockplane.simulator.backtest.Sweep.Outcome;
import io.blockplane.simulator.backtest.Sweep.Point;
import java.util.List;
import org.junit.jupiter.api.Test;

class SweepTest {

    private static Outcome outcome(double cost, double slo) {
        return new Outcome(
                new Point(Json.parse("{\"c\":" + cost + "}"), Json.EMPTY_OBJECT), cost, slo, 0, 0);
    }

    @Test
    void aGridHasEveryCombinationOfParametersAndSettings() {
        List<Point> points =
                Sweep.grid(
                        List.of(
                                Axis.parse("cooldown=10,30"),
                                Axis.parse("settings.intervalSeconds=5,10"),
                                Axis.parse("mode=fast")));
        assertThat(points)
                .extracting(Point::text)
                .containsExactly(
                        "{cooldown:10,mode:fast} settings {intervalSeconds:5}",
                        "{cooldown:10,mode:fast} settings {intervalSeconds:10}",
                        "{cooldown:30,mode:fast} settings {intervalSeconds:5}",
                        "{cooldown:30,mode:fast} settings {intervalSeconds:10}");
    }

    @Test
    void randomPointsAreInTheirRangesAndTheSameForASeed() {
        List<Axis> axes = List.of(Axis.parse("a=1..3"), Axis.parse("limits/b=0.5..0.6"));
        List<Point> points = Sweep.random(axes, 50, 1);
        assertThat(points).isEqualTo(Sweep.random(axes, 50, 1)).hasSize(50);
        assertThat(points)
                .allSatisfy(p -> {
                    assertThat(p.parameters().node().path("a").isIntegralNumber()).isTrue();
                    assertThat(p.parameters().node().path("a").asInt()).isBetween(1, 3);
                    assertThat(p.parameters().node().at("/limits/b").asDouble())
                            .isBetween(0.5, 0.6);
                });
    }

    @Test
    void theFrontHasWhatNothingElseBeats() {
        List<Outcome> front =
                Sweep.front(
                        List.of(
                                outcome(5, 0.99),
                                outcome(3, 0.9),
                                outcome(4, 0.9),
                                outcome(3, 0.8),
                                outcome(6, 0.98)));
        assertThat(front).containsExactly(outcome(3, 0.9), outcome(5, 0.99));
    }

    @Test
    void refusesWhatIsNoAxisOrNoGrid() {
        assertThatThrownBy(() -> Axis.parse("cooldown"))
                .hasMessage("param: cooldown (expected: NAME=1,2,3 or NAME=1..3)");
        assertThatThrownBy(() -> Axis.parse("cooldown=9..3")).hasMessageContaining("cooldown=9..3");
        assertThatThrownBy(() -> Sweep.grid(List.of(Axis.parse("a=1..3"))))
                .hasMessage("param: a is a range (expected: a list, or --random)");
    }
}

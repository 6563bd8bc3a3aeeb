package io.blockplane.simulator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.WindowClosed;
import io.blockplane.simulator.Scenarios;
import io.blockplane.simulator.policy.Scaler.Situation;
import io.blockplane.windows.BlockWindows;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BaselineScalersTest {

    private static List<String> ids(int count) {
        return IntStream.range(0, count).mapToObj(i -> "i" + i).toList();
    }

    private static WindowClosed window(long asOfMs) {
        BlockWindows windows = new BlockWindows("block");
        windows.apply(new Ticked("block", "e", asOfMs - 1_000, 0, List.of()));
        return windows.apply(new Ticked("block", "e", asOfMs, 0, List.of())).getFirst();
    }

    private static Situation now(long asOfMs, int wanted, int serving) {
        return new Situation(window(asOfMs), Scenarios.spec(1, 50), ids(wanted), ids(serving));
    }

    private static Ticked tick(int inHand) {
        return new Ticked("block", "e", 0, 0, List.of(new InstanceLoad("i0", inHand)));
    }

    private static int wantedBy(ScaleAction action, int before) {
        return before
                + (action.operation() == Operation.DOWNSCALE ? -action.count() : action.count());
    }

    @Test
    void theHpaRoundsUpHasATolerancePutsALidOnStepsAndGoesDownAfterFiveMinutes() {
        HpaScaler hpa = new HpaScaler(4);
        hpa.onTick(tick(17));
        assertThat(wantedBy(hpa.decide(now(15_000, 4, 4)), 4)).as("within 10 %").isEqualTo(4);
        hpa.onTick(tick(19));
        assertThat(wantedBy(hpa.decide(now(30_000, 4, 4)), 4)).as("19 / 4, up").isEqualTo(5);
        hpa.onTick(tick(400));
        assertThat(wantedBy(hpa.decide(now(45_000, 3, 3)), 3)).as("+ 4").isEqualTo(7);
        assertThat(wantedBy(hpa.decide(now(60_000, 10, 10)), 10)).as("* 2").isEqualTo(20);
        hpa.onTick(tick(4));
        assertThat(wantedBy(hpa.decide(now(359_000, 20, 20)), 20)).as("stays").isEqualTo(20);
        assertThat(wantedBy(hpa.decide(now(361_000, 20, 20)), 20)).as("down").isEqualTo(1);
    }

    @Test
    void knativePanicsOnAJumpAndDoesNotGoDownWhileItDoes() {
        KnativeScaler knative = new KnativeScaler(2);
        for (int i = 0; i < 60; i++) {
            knative.onTick(tick(2));
        }
        assertThat(wantedBy(knative.decide(now(60_000, 1, 1)), 1)).isEqualTo(1);
        for (int i = 0; i < 6; i++) {
            knative.onTick(tick(20));
        }
        assertThat(wantedBy(knative.decide(now(66_000, 1, 1)), 1))
                .as("20 over the last 6 s, at 2 each")
                .isEqualTo(10);
        for (int i = 0; i < 30; i++) {
            knative.onTick(tick(0));
        }
        assertThat(wantedBy(knative.decide(now(96_000, 10, 10)), 10)).as("panic").isEqualTo(10);
        for (int i = 0; i < 60; i++) {
            knative.onTick(tick(0));
        }
        assertThat(wantedBy(knative.decide(now(156_001, 10, 10)), 10))
                .as("by half at most")
                .isEqualTo(5);
    }

    @Test
    void thoseThatDoNotServeYetGoFirst() {
        FixedScaler one = new FixedScaler(1);
        Situation now =
                new Situation(
                        window(1_000),
                        Scenarios.spec(1, 9),
                        List.of("a", "b", "c"),
                        List.of("a", "c"));
        assertThat(one.decide(now).instanceIds()).containsExactly("b", "c");
    }
}

package io.blockplane.instances;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoadGaugeTest {

    private final LoadGauge gauge = new LoadGauge();

    @Test
    void knowsNothingBeforeATaskEnded() {
        gauge.began();
        assertThat(gauge.read()).isEqualTo(new LoadGauge.Reading(1, 0));
        gauge.leftOut();
        assertThat(gauge.read()).isEqualTo(new LoadGauge.Reading(0, 0));
    }

    @Test
    void estimatesFromTasksThatMetTheLoadOfNow() {
        for (int i = 0; i < 40; i++) {
            seen(1, 1_000);
            seen(10, 8_000);
        }
        assertThat(gauge.read()).isEqualTo(new LoadGauge.Reading(0, 1_000));
        for (int i = 0; i < 9; i++) {
            gauge.began();
        }
        assertThat(gauge.read()).isEqualTo(new LoadGauge.Reading(9, 8_000));
    }

    @Test
    void forgetsWhatIsOld() {
        for (int i = 0; i < LoadGauge.REMEMBERED; i++) {
            seen(1, 1_000);
        }
        for (int i = 0; i < LoadGauge.COUNTED; i++) {
            seen(1, 50_000);
        }
        assertThat(gauge.read().latencyUs()).isEqualTo(50_000);
    }

    private void seen(int inFlight, long latencyUs) {
        gauge.began();
        gauge.ended(inFlight, latencyUs);
    }
}

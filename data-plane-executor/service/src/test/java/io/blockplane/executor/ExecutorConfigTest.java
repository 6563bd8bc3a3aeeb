package io.blockplane.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.executor.delivery.DeliveryLimits;
import io.blockplane.log.Kafka;
import io.blockplane.policy.HttpAccess;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ExecutorConfigTest {

    private static final Kafka KAFKA = new Kafka("127.0.0.1:1");

    @Test
    void hasTheDefaultsOfTheContract() {
        ExecutorConfig config = ExecutorConfig.defaults(KAFKA, "exec-1");

        assertThat(config.grpcPort()).isEqualTo(50_051);
        assertThat(config.metricsPort()).isEqualTo(18_000);
        assertThat(config.bindAddress()).isEqualTo("127.0.0.1");
        assertThat(config.probeInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.probeTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.withPorts(0, 7)).isEqualTo(with("exec-1", 0, 7, Duration.ofSeconds(10)));
    }

    @Test
    void refusesWhatCantBeAndNamesIt() {
        assertThatThrownBy(() -> with("Exec 1", 0, 0, Duration.ofSeconds(1)))
                .hasMessageStartingWith("executorId: Exec 1 (expected: 1 to 63 of a-z");
        assertThatThrownBy(() -> with("e", 70_000, 0, Duration.ofSeconds(1)))
                .hasMessage("grpcPort: 70000 (expected: 0 to 65535)");
        assertThatThrownBy(() -> with("e", 0, -1, Duration.ofSeconds(1)))
                .hasMessage("metricsPort: -1 (expected: 0 to 65535)");
        assertThatThrownBy(() -> with("e", 0, 0, Duration.ZERO))
                .hasMessage("probeInterval: PT0S (expected: more than 0)");
    }

    private static ExecutorConfig with(
            String id, int grpcPort, int metricsPort, Duration probeInterval) {
        return new ExecutorConfig(
                KAFKA,
                id,
                "127.0.0.1",
                grpcPort,
                metricsPort,
                0,
                probeInterval,
                Duration.ofSeconds(5),
                Duration.ofMinutes(5),
                16,
                Duration.ofSeconds(10),
                DeliveryLimits.DEFAULT,
                HttpAccess.NONE);
    }
}

package io.blockplane.windows.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.log.Kafka;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class WindowsConfigTest {

    @Test
    void hasEveryIngredientOfExactWindows() {
        Properties p =
                new WindowsConfig(new Kafka("k:1"), Path.of("state"), "windows-0").properties();
        assertThat(p)
                .containsEntry("processing.guarantee", "exactly_once_v2")
                .containsEntry("group.protocol", "classic")
                .containsEntry("consumer.group.instance.id", "windows-0")
                .containsEntry("state.dir", "state")
                .containsEntry("commit.interval.ms", 50L)
                .containsEntry("statestore.cache.max.bytes", 4L * 1024 * 1024);
    }

    @Test
    void refusesAMemberIdThatKafkaWouldRefuse() {
        assertThatThrownBy(() -> new WindowsConfig(new Kafka("k:1"), Path.of("state"), "a b"))
                .hasMessage("memberId: a b (expected: [a-zA-Z0-9._-]{1,100})");
    }
}

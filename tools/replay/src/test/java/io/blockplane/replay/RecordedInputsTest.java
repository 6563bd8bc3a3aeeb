package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.MetricsRead;
import io.blockplane.events.Topic;
import io.blockplane.policy.PolicyEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedEngine.class)
class RecordedInputsTest {

    @TempDir Path folder;

    @Test
    void areWhatThePolicyWasAskedWithWhatItReadThen(PolicyEngine engine) throws IOException {
        RecordedLog life = Lives.longLife(engine);
        List<PolicyDecided> asked =
                life.decisions().stream()
                        .filter(d -> d.kind() == Kind.SCALE && d.lane() == null)
                        .filter(d -> d.call() == Call.EVAL || d.call() == Call.MANAGE)
                        .sorted(Comparator.comparingLong(PolicyDecided::logicalTimeMs))
                        .toList();

        RecordedInputs read = RecordedInputs.read(life.write(folder), Kind.SCALE);

        assertThat(read.unreadable()).isEmpty();
        assertThat(read.inputs())
                .extracting(RecordedInputs.Input::input)
                .isNotEmpty()
                .isEqualTo(asked.stream().map(PolicyDecided::input).toList());
        assertThat(read.inputs())
                .extracting(RecordedInputs.Input::call)
                .contains(Call.EVAL, Call.MANAGE);
        assertThat(
                        read.inputs().stream()
                                .flatMap(input -> Stream.ofNullable(input.metrics()))
                                .map(metrics -> metrics.read().sha256())
                                .toList())
                .isNotEmpty()
                .isEqualTo(asked.stream().flatMap(RecordedInputsTest::firstRead).toList());
        String block = read.blocks().first();
        assertThat(read.of(block)).allMatch(input -> input.blockId().equals(block)).isNotEmpty();
        assertThat(read.of("another")).isEmpty();
    }

    @Test
    void areRefusedWithoutTheWindowsThatWereRead(PolicyEngine engine) throws IOException {
        LogSource cut = Lives.longLife(engine).without(Topic.WINDOWS).write(folder);

        assertThatThrownBy(() -> RecordedInputs.read(cut, Kind.SCALE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("window win-")
                .hasMessageEndingWith("(expected: in the same log)");
    }

    private static Stream<String> firstRead(PolicyDecided decided) {
        return decided.effects().stream()
                .flatMap(effect ->
                        effect instanceof MetricsRead read && read.windowId() != null
                                ? Stream.of(read.sha256())
                                : Stream.empty())
                .limit(1);
    }
}

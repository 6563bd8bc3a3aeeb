package io.blockplane.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstanceArgumentsTest {

    @Test
    void readsTheCommandLineInAnyOrder() {
        assertThat(
                        parse(
                                "--health-port 0 --instance in-a --block blk-a --grpc-port 7001"
                                        + " --threads 4"))
                .isEqualTo(new InstanceArguments("blk-a", "in-a", 7001, 0, 4));
    }

    @Test
    void usesOneThreadUnlessToldOtherwise() {
        assertThat(parse("--block b --instance i --grpc-port 0 --health-port 0").threads())
                .isEqualTo(1);
    }

    @Test
    void takesMetricsAndSettingsAndAnotherNumberOfThreadsWhenNoneIsGiven() {
        List<String> line =
                List.of(
                        ("--block b --instance i --grpc-port 0 --health-port 0 --metrics-port 8000"
                                        + " --settings {}")
                                .split(" "));
        assertThat(InstanceArguments.parse(line, 64))
                .isEqualTo(new InstanceArguments("b", "i", 0, 0, 8000, 64, "{}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --block b --instance i --grpc-port 0                               | --health-port: absent
                    --block b --instance i --grpc-port x --health-port 0               | --grpc-port: x (expected: a number)
                    --block b --instance i --grpc-port 65536 --health-port 0           | --grpc-port: 65536 (expected: 0 to 65535)
                    --block b --instance i --grpc-port 0 --health-port 0 --threads 0   | --threads: 0 (expected: 1 to 256)
                    --block b --block c                                                | --block: given twice
                    --block b --instance i --grpc-port 0 --health-port                 | --health-port: nothing (expected: a value)
                    --blocks b                                                         | option: --blocks (expected: --block <id>
                    """)
    void refusesWhatItDoesNotUnderstandAndSaysWhy(String line, String message) {
        assertThatThrownBy(() -> parse(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static InstanceArguments parse(String line) {
        return InstanceArguments.parse(List.of(line.split(" ")));
    }
}

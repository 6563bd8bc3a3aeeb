package io.blockplane.executor.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.executor.delivery.Destination.Block;
import io.blockplane.executor.delivery.Destination.RedisList;
import io.blockplane.executor.delivery.OutputPtr.Reading;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputPtrTest {

    private static Reading read(String text) {
        return OutputPtr.read(text, "rpc_data.output_ptr", "blk-a");
    }

    @Test
    void nothingAndAnEmptyListAreNoDestination() {
        assertThat(read("")).isEqualTo(new Reading.To(List.of()));
        assertThat(read("{\"outputs\":[]}")).isEqualTo(new Reading.To(List.of()));
    }

    @Test
    void whatAnOutputLeavesOutIsAsAiosHasIt() {
        assertThat(read("{\"outputs\":[{}]}"))
                .isEqualTo(new Reading.To(List.of(new RedisList("localhost", 6379, "OUTPUT"))));
    }

    @Test
    void portZeroIsGrpcAndSeveralOutputsAreAFanOut() {
        assertThat(
                        read(
                                """
                                {"outputs":[
                                  {"host":"r","port":1,"queue_name":"Q","block_id":"b"},
                                  {"host":"gw:50051","port":0,"queue_name":"","block_id":"b"}]}
                                """))
                .isEqualTo(
                        new Reading.To(
                                List.of(new RedisList("r", 1, "Q"), new Block("gw:50051", "b"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"gw:1", "a.b-c.d:65535", "10.0.0.1:80", "[::1]:80", "unix:80", "dns:80"})
    void everyTargetThatIsReadIsOneThatGrpcTakes(String target) {
        assertThat(read("{\"outputs\":[{\"host\":\"%s\",\"port\":0}]}".formatted(target)))
                .isEqualTo(new Reading.To(List.of(new Block(target, ""))));
        new GrpcSender(target).close();
    }

    @Test
    void aBlockOfAGraphTakesItsOwnOutputsAndTheLastOneThoseOfFinal() {
        String own =
                """
                {"is_graph":true,"graph":{"blk-a":{"outputs":[{"host":"a"}]},
                 "final":{"outputs":[{"host":"f"}]}}}
                """;
        String none =
                """
                {"is_graph":true,"graph":{"blk-a":{"outputs":[]},
                 "final":{"outputs":[{"host":"f"}]}}}
                """;
        String other =
                """
                {"is_graph":true,"graph":{"blk-b":{"outputs":[{"host":"b"}]},
                 "final":{"outputs":[{"host":"f"}]}}}
                """;
        Reading toFinal = new Reading.To(List.of(new RedisList("f", 6379, "OUTPUT")));
        assertThat(read(own))
                .isEqualTo(new Reading.To(List.of(new RedisList("a", 6379, "OUTPUT"))));
        assertThat(read(none)).isEqualTo(toFinal);
        assertThat(read(other)).isEqualTo(toFinal);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    []|: [] (expected: an object)
                    {}|.outputs: absent (expected: a list of outputs)
                    {"outputs":{}}|.outputs: {} (expected: a list of outputs)
                    {"outputs":[3]}|.outputs[0]: 3 (expected: an object)
                    {"outputs":[{},{"port":-1}]}|.outputs[1].port: -1 (expected: 0 to 65535)
                    {"outputs":[{"port":"6379"}]}|.outputs[0].port: "6379" (expected: 0 to 65535)
                    {"outputs":[{"host":""}]}|.outputs[0].host: "" (expected: the name of a host)
                    {"outputs":[{"queue_name":""}]}|.outputs[0].queue_name: "" (expected: the name of a list)
                    {"outputs":[{"host":"gw","port":0}]}|.outputs[0].host: "gw" (expected: name:port, since port is 0)
                    {"outputs":[{"host":"gw:99999","port":0}]}|.outputs[0].host: "gw:99999" (expected: name:port, since port is 0)
                    {"outputs":[{"host":"my_block:50051","port":0}]}|.outputs[0].host: "my_block:50051" (expected: name:port, since port is 0)
                    {"outputs":[{"host":"a..b:80","port":0}]}|.outputs[0].host: "a..b:80" (expected: name:port, since port is 0)
                    {"outputs":[{"host":"-x:80","port":0}]}|.outputs[0].host: "-x:80" (expected: name:port, since port is 0)
                    {"is_graph":1}|.is_graph: 1 (expected: true or false)
                    {"is_graph":true}|.graph: absent (expected: an object)
                    {"is_graph":true,"graph":{}}|.graph.final: absent (expected: an object)
                    """)
    void refusalsNameThePathAndWhatWasExpected(String text, String message) {
        assertThat(read(text)).isEqualTo(new Reading.Invalid("rpc_data.output_ptr" + message));
    }

    @Test
    void refusesTextThatIsNoJsonAndWhatIsTooMuch() {
        assertThat(((Reading.Invalid) read("{")).message())
                .startsWith("rpc_data.output_ptr: not JSON: ");
        String many = "{\"outputs\":[" + "{},".repeat(OutputPtr.MAX_DESTINATIONS) + "{}]}";
        assertThat(read(many))
                .isEqualTo(
                        new Reading.Invalid(
                                "rpc_data.output_ptr.outputs: 33 outputs (expected: at most 32)"));
        assertThat(((Reading.Invalid) read(" ".repeat(OutputPtr.MAX_CHARS + 1))).message())
                .isEqualTo("rpc_data.output_ptr: 65537 characters (expected: at most 65536)");
    }
}

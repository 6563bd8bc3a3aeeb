package io.blockplane.control.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.InstanceAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadyLineTest {

    private static final String READY =
            "READY grpc=127.0.0.1:4711 health=http://127.0.0.1:4712/health\n";
    private static final InstanceAddress ADDRESS =
            new InstanceAddress("grpc", "127.0.0.1:4711", "http://127.0.0.1:4712/health");

    @Test
    void findsTheLineHoweverTheBytesAreCut() {
        byte[] text = ("loading model\r\n" + READY + "more\n").getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= text.length; cut++) {
            ReadyLine line = new ReadyLine();
            Optional<InstanceAddress> found = line.find(text, cut);
            byte[] rest = new byte[text.length - cut];
            System.arraycopy(text, cut, rest, 0, rest.length);
            assertThat(found.or(() -> line.find(rest, rest.length))).contains(ADDRESS);
        }
    }

    @Test
    void looksPastALineThatIsTooLong() {
        String text = "x".repeat(5 * ReadyLine.LINE_BYTES) + "\n" + READY;
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(new ReadyLine().find(bytes, bytes.length)).contains(ADDRESS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "READY\n",
                "READY grpc=127.0.0.1:4711\n",
                "NOT READY grpc=127.0.0.1:1 health=http://127.0.0.1:2/health\n",
                "READY grpc=here health=http://127.0.0.1:2/health\n",
                "READY grpc=127.0.0.1:4711 health=file:///etc/passwd\n"
            })
    void takesNothingElseForIt(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(new ReadyLine().find(bytes, bytes.length)).isEmpty();
    }
}

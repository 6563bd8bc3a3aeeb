package io.blockplane.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceScheduleTest {

    @TempDir private Path folder;

    @Test
    void sendsEachRowAtItsDistanceFromTheFirst() throws IOException {
        Path trace =
                trace(
                        """
                        TIMESTAMP,ContextTokens,GeneratedTokens\r
                        2023-11-16 18:17:03.9799600,4808,10\r
                        2023-11-16 18:17:04.0319600,3180,8\r
                        2023-11-16 18:18:03.97996,110,27\r
                        """);

        assertThat(read(trace, 1, 10))
                .containsExactly(
                        new Arrival(0, 4808, 10),
                        new Arrival(52_000_000, 3180, 8),
                        new Arrival(60_000_000_000L, 110, 27));
        assertThat(read(trace, 100, 2))
                .containsExactly(new Arrival(0, 4808, 10), new Arrival(520_000, 3180, 8));
    }

    @Test
    void readsColumnsByNameAndTimesWithAZone() throws IOException {
        Path trace =
                trace(
                        """
                        id,GeneratedTokens,ContextTokens,TIMESTAMP
                        a,1,2,2024-05-10T00:00:00.009930+00:00
                        b,3,4,2024-05-10T00:00:01.009930+00:00
                        """);

        assertThat(read(trace, 1, 10))
                .containsExactly(new Arrival(0, 2, 1), new Arrival(1_000_000_000L, 4, 3));
    }

    @Test
    void namesTheLineThatIsWrong() throws IOException {
        String head = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
        String first = "2023-11-16 18:17:03,1,1\n";

        assertThatThrownBy(() -> read(trace("a,b\n"), 1, 10))
                .hasMessageContaining("trace.csv:1: columns [a, b] (expected: TIMESTAMP");
        assertThatThrownBy(() -> read(trace(head + first + "yesterday,1,1\n"), 1, 10))
                .hasMessageContaining("trace.csv:3: TIMESTAMP: yesterday (expected:");
        assertThatThrownBy(() -> read(trace(head + "2023-11-16 18:17:03,-1,1\n"), 1, 10))
                .hasMessageContaining("trace.csv:2: ContextTokens: -1 (expected: 0 to");
        assertThatThrownBy(() -> read(trace(head + first + "2023-11-16 18:17:02,1,1\n"), 1, 10))
                .hasMessageContaining("expected: not before the row above");
        assertThatThrownBy(() -> read(trace(head + "2023-11-16 18:17:03,1\n"), 1, 10))
                .hasMessageContaining("trace.csv:2: GeneratedTokens: absent");
    }

    private Path trace(String text) throws IOException {
        return Files.writeString(folder.resolve("trace.csv"), text);
    }

    private static List<Arrival> read(Path trace, double speed, long limit) throws IOException {
        List<Arrival> rows = new ArrayList<>();
        try (TraceSchedule schedule = TraceSchedule.open(trace, speed, limit)) {
            for (Arrival next = schedule.next(); next != null; next = schedule.next()) {
                rows.add(next);
            }
        }
        return rows;
    }
}

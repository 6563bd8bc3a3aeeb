package io.blockplane.control.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceLogTest {

    @TempDir Path folder;

    @Test
    void keepsTwoFilesOfTheLimitAtTheMost() throws Exception {
        Path file = folder.resolve("b-in-a.log");
        try (InstanceLog log = new InstanceLog(file, 10)) {
            for (int i = 0; i < 10; i++) {
                log.line("line" + i);
            }
        }
        assertThat(Files.readString(file)).isEqualTo("line9\n");
        assertThat(Files.readString(folder.resolve("b-in-a.log.1"))).isEqualTo("line8\n");
    }

    @Test
    void goesOnInTheFileOfTheRunBefore() throws Exception {
        Path file = folder.resolve("b-in-a.log");
        for (String run : List.of("first", "second")) {
            try (InstanceLog log = new InstanceLog(file)) {
                log.line(run);
            }
        }
        assertThat(Files.readString(file)).isEqualTo("first\nsecond\n");
    }

    @Test
    void removesTheFilesThatWereWrittenToLongestAgo() throws Exception {
        Path logs = folder.resolve("logs");
        InstanceLog.prune(logs);
        for (int i = 0; i < InstanceLog.FILES + 3; i++) {
            Path file = Files.writeString(logs.resolve("b-" + i + ".log"), "x");
            Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000L + i * 1_000L));
        }
        InstanceLog.prune(logs);
        try (Stream<Path> left = Files.list(logs)) {
            assertThat(left.map(f -> f.getFileName().toString()))
                    .hasSize(InstanceLog.FILES)
                    .doesNotContain("b-0.log", "b-1.log", "b-2.log");
        }
    }
}

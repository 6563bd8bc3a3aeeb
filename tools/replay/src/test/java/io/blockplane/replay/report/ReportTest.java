package io.blockplane.replay.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.simulator.result.ResultFile;
import io.blockplane.simulator.sample.SampleResults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

    @Test
    void pageIsWritten() throws IOException {
        Path folder = Path.of("target");
        ResultFile.write(folder.resolve("sample.json"), SampleResults.of(7));
        String page = Report.html(List.of(Report.Input.read(folder.resolve("sample.json"))));
        Files.writeString(folder.resolve("sample.html"), page);
        assertThat(page).contains("<h1");
    }
}

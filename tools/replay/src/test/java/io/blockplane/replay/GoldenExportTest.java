package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.policy.PolicyEngine;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A file that was exported once stays readable. The one of version 2 was made by {@code bench
 * replay --decisions 6 --blocks 1}; it is never written again.
 */
@ExtendWith(SharedEngine.class)
class GoldenExportTest {

    @Test
    void stillHolds(PolicyEngine engine) throws IOException, URISyntaxException {
        URL file = Objects.requireNonNull(getClass().getResource("golden-v2.bplog"));
        LogSource golden = LogSource.file(Path.of(file.toURI()));
        VerifyReport report = Verify.run(golden, Selection.ALL, engine, (_, _) -> {});
        assertThat(report.findings()).isEmpty();
        assertThat(report.summary()).isEqualTo("6 decisions, 6 identical, chain intact");
    }
}

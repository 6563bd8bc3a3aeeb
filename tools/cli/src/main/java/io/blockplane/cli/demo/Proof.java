package io.blockplane.cli.demo;

import io.blockplane.log.Kafka;
import io.blockplane.replay.Explain;
import io.blockplane.replay.ExplanationText;
import io.blockplane.replay.LogSource;
import io.blockplane.replay.Verify;
import io.blockplane.replay.VerifyReport;
import java.io.IOException;
import java.util.function.Consumer;

/** What the log proves, told on the terminal. */
final class Proof {

    private static final int PROGRESS_EVERY = 50;

    private Proof() {}

    static VerifyReport verify(Kafka kafka, Consumer<String> out) throws IOException {
        return Verify.run(
                LogSource.broker(kafka.bootstrapServers()),
                (done, total) -> {
                    if (done % PROGRESS_EVERY == 0) {
                        out.accept("%d of %d".formatted(done, total));
                    }
                });
    }

    static String explain(Kafka kafka, String decisionId) throws IOException {
        return Explain.decision(LogSource.broker(kafka.bootstrapServers()), decisionId)
                .map(ExplanationText::of)
                .orElseThrow(() -> new IOException("no decision " + decisionId));
    }
}

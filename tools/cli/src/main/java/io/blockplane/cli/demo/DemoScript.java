package io.blockplane.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What the demo does, in numbers.
 *
 * @param policyFolder holds {@code code/function.py}
 * @param specification of the block, as {@code POST /api/createBlock} takes it
 * @param peakInstances traffic goes on until so many serve
 * @param trafficLimit the longest that may take
 * @param quietLimit the longest that going back to one instance may take
 */
public record DemoScript(
        Path policyFolder,
        String specification,
        double ratePerSecond,
        int texts,
        int peakInstances,
        Duration trafficLimit,
        Duration quietLimit) {

    /** The block of {@code examples/blocks/embedding.json}. */
    static final String BLOCK = "embedding";

    /** The same in short: the policy looks at the last 10 s instead of the last minute. */
    public static DemoScript brief(Path root) throws IOException {
        DemoScript full = full(root);
        return new DemoScript(
                full.policyFolder,
                full.specification.replace(
                        "\"cooldown_seconds\": 10",
                        "\"cooldown_seconds\": 3, \"averaging_period\": \"current\""),
                full.ratePerSecond,
                full.texts,
                2,
                full.trafficLimit,
                full.quietLimit);
    }

    /** The full story, about two minutes. */
    public static DemoScript full(Path root) throws IOException {
        return new DemoScript(
                root.resolve("examples/policies/token-autoscaler"),
                Files.readString(root.resolve("examples/blocks/embedding.json")),
                20,
                4,
                3,
                Duration.ofMinutes(2),
                Duration.ofMinutes(3));
    }
}

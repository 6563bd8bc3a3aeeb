package io.blockplane.replay.bench;

import com.sun.management.OperatingSystemMXBean;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.replay.LogSource;
import io.blockplane.replay.MadeLog;
import io.blockplane.replay.Verify;
import io.blockplane.replay.VerifyReport;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes a log of an autoscaler's decisions and verifies it, and says what each of the two cost: the
 * first is what the same decisions cost when they are made.
 */
public final class VerifyBench {

    private VerifyBench() {}

    private record Cost(double seconds, double cpuSeconds) {}

    private interface Work {
        void run() throws IOException;
    }

    /**
     * Prints three lines.
     *
     * @param file where the log is, or is made when nothing is there
     * @return whether the log held
     */
    public static boolean run(
            Path file, PolicyArchive archive, MadeLog.Shape shape, PrintStream out)
            throws IOException {
        if (!Files.exists(file)) {
            Cost made = cost(() -> make(file, archive, shape));
            out.printf(
                    "made      %,d decisions of %d blocks: %.1f s, %.1f s of CPU, %,d KB%n",
                    shape.decisions(),
                    shape.blocks(),
                    made.seconds,
                    made.cpuSeconds,
                    Files.size(file) / 1024);
        }
        VerifyReport[] report = new VerifyReport[1];
        Cost read =
                cost(() ->
                        LogSource.file(file)
                                .records(io.blockplane.replay.Export.topics(), _ -> {}));
        Cost verified = cost(() -> report[0] = Verify.run(LogSource.file(file), (_, _) -> {}));
        out.printf(
                "read      %.1f s, %.1f s of CPU: the file alone, its digests checked%n",
                read.seconds, read.cpuSeconds);
        out.printf(
                "verified  %.1f s, %.1f s of CPU, %,.0f decisions/s: %s%n",
                verified.seconds,
                verified.cpuSeconds,
                report[0].decisions() / verified.seconds,
                report[0].summary());
        report[0].findings().stream().limit(3).forEach(f -> out.println(f.text()));
        return report[0].holds();
    }

    private static void make(Path file, PolicyArchive archive, MadeLog.Shape shape)
            throws IOException {
        PolicyEngine.Options compiled =
                new PolicyEngine.Options(
                        PolicyEngine.Compilation.SOON, PolicyEngine.Options.DEFAULT.http());
        try (PolicyEngine engine = PolicyEngine.create(compiled)) {
            MadeLog.write(file, engine, archive, shape);
        }
    }

    private static Cost cost(Work work) throws IOException {
        OperatingSystemMXBean system =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long cpu = system.getProcessCpuTime();
        long start = System.nanoTime();
        work.run();
        return new Cost(
                (System.nanoTime() - start) / 1e9, (system.getProcessCpuTime() - cpu) / 1e9);
    }
}

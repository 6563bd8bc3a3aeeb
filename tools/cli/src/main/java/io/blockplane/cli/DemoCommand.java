package io.blockplane.cli;

import io.blockplane.cli.demo.Demo;
import io.blockplane.cli.demo.DemoScript;
import io.blockplane.cli.system.Logs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}. */
@Command(
        name = "demo",
        description =
                "Shows the whole story in about two minutes: a block scales itself by a policy, and"
                        + " every decision is executed again.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    @Option(names = "--keep", description = "Leave the data folder, and say where it is.")
    private boolean keep;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path dataDir = Files.createTempDirectory("blockplane-demo-");
        Logs.toFile(dataDir.resolve("demo.log"));
        boolean told = false;
        try {
            new Demo(
                            DemoScript.full(Path.of(System.getProperty("blockplane.root", "."))),
                            null,
                            System.out)
                    .run(dataDir);
            told = true;
            return 0;
        } catch (Demo.Failed e) {
            System.err.println("blockplane demo: " + e.getMessage());
            return 1;
        } finally {
            if (told && !keep) {
                delete(dataDir);
            } else {
                System.err.println("data and logs: " + dataDir);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}

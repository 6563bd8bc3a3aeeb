package io.blockplane.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy init}: a policy to begin with, which works, and its test. */
@Command(
        name = "init",
        description = "Writes a small policy that works, with a test and a sample input.",
        mixinStandardHelpOptions = true)
final class InitPolicyCommand implements Callable<Integer> {

    private static final String TEMPLATES = "/io/blockplane/cli/templates/";

    @Parameters(paramLabel = "FOLDER", description = "New, or empty; its name is the policy's.")
    private Path folder = Path.of("");

    @Option(
            names = "--kind",
            description = "${COMPLETION-CANDIDATES}; in any case. Default: ${DEFAULT-VALUE}.")
    private PolicyKind kind = PolicyKind.AUTOSCALER;

    @Override
    public Integer call() throws IOException {
        if (Files.exists(folder) && !isEmptyFolder()) {
            throw new IOException(folder + " is there already (expected: a new or empty folder)");
        }
        String own = kind.lowerCase() + "/";
        Map<String, String> files = new LinkedHashMap<>();
        files.put("code/function.py", own + "function.py");
        files.put("code/test_function.py", own + "test_function.py");
        files.put("code/requirements.txt", "requirements.txt");
        files.put("policy.json", own + "policy.json");
        files.put("sample-input.json", own + "sample-input.json");
        Files.createDirectories(folder.resolve("code"));
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path target = folder.resolve(file.getKey());
            Files.write(target, template(file.getValue()));
            System.out.println(target);
        }
        return 0;
    }

    private boolean isEmptyFolder() throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.findAny().isEmpty();
        }
    }

    private static byte[] template(String name) throws IOException {
        try (InputStream stream = InitPolicyCommand.class.getResourceAsStream(TEMPLATES + name)) {
            if (stream == null) {
                throw new IllegalStateException("template: " + name + " (expected: in the jar)");
            }
            return stream.readAllBytes();
        }
    }
}

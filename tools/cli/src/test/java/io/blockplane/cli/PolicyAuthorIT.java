package io.blockplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command of docs/policy-author.md, in its order, on a running system. */
class PolicyAuthorIT {

    private static final Pattern JSON = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
    private static final Set<String> FILES = Set.of("my-scaler", "my-block.json", "my-log.jsonl");
    private static final String LAUNCHER = "./blockplane ";

    @TempDir Path folder;

    @Test
    void leadsFromAnEmptyFolderToAPolicyThatDecidesAndBack() throws Exception {
        String session = Files.readString(UpProcess.ROOT.resolve("docs/policy-author.md"));
        Matcher block = JSON.matcher(session);
        assertThat(block.find()).isTrue();
        Files.writeString(folder.resolve("my-block.json"), block.group(1));
        List<String> commands = session.lines().filter(line -> line.startsWith(LAUNCHER)).toList();
        assertThat(commands).hasSizeGreaterThan(14);
        Path data = folder.resolve("data");
        StringBuilder told = new StringBuilder();
        try (UpProcess _ = UpProcess.start(data)) {
            for (String command : commands) {
                CommandLineRun run = CommandLineRun.of(arguments(command, data));
                told.append(command).append('\n').append(run.output());
                assertThat(run.exitCode()).as(told.toString()).isZero();
            }
            CommandLineRun verify = CommandLineRun.of("replay", "verify", "--data=" + data);
            assertThat(verify.exitCode()).as(verify.output()).isZero();
        }
        assertThat(told.toString())
                .contains("my-scaler:1.0-stable  sha256 ")
                .contains("\"path\" : \"policies.autoscaler.parameters.high\"")
                .contains("my-scaler:1.1-stable passed its check")
                .contains("my-scaler:1.1-stable decides beside the autoscaler of mine")
                .contains(
                        "my-scaler:1.1-stable decides as autoscaler of mine; before:"
                                + " my-scaler:1.0-stable")
                .contains("\"high\" : 5")
                .contains("\"high\" : 8")
                .contains(
                        "my-scaler:1.0-stable decides as autoscaler of mine again; before:"
                                + " my-scaler:1.1-stable")
                .contains(" records in ", "manage ")
                .contains("deleted my-scaler:1.1-stable");
    }

    private String[] arguments(String command, Path data) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(command.substring(LAUNCHER.length()));
        while (word.find()) {
            String found = word.group(1) != null ? word.group(1) : word.group(2);
            boolean isFile = FILES.contains(found);
            words.add(isFile ? folder.resolve(found).toString() : found);
        }
        boolean local = words.get(1).equals("init") || words.get(1).equals("test");
        if (!local) {
            words.add("--data=" + data);
        }
        return words.toArray(String[]::new);
    }
}

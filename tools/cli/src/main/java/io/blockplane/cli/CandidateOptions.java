package io.blockplane.cli;

import io.blockplane.events.Json;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.replay.backtest.BacktestJob.Named;
import io.blockplane.replay.backtest.PolicyFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A policy that is tried: {@code --policy} with what follows it. */
final class CandidateOptions {

    @Option(
            names = "--policy",
            required = true,
            paramLabel = "FOLDER",
            description =
                    "An autoscaler to try: a folder with code/, or an archive. Again for more.")
    private Path folder = Path.of("");

    @Option(names = "--parameters", paramLabel = "JSON", description = "Its parameters.")
    private String parameters = "{}";

    @Option(
            names = "--settings",
            paramLabel = "JSON",
            description = "Its settings, as {\"intervalSeconds\": 10}.")
    private String settings = "{}";

    @Option(names = "--name", description = "Its name in the result (default: folder, parameters).")
    private @Nullable String name;

    Named named() throws IOException {
        Json given = JsonArgument.object("--parameters", parameters);
        String shown = folder.toAbsolutePath().normalize().getFileName().toString();
        String own =
                given.equals(Json.EMPTY_OBJECT)
                        ? shown
                        : shown + " " + given.text().replace("\"", "");
        return new Named(name == null ? own : name, files(given));
    }

    private PolicyFiles files(Json given) throws IOException {
        AuthoredPolicy authored = AuthoredPolicy.read(folder);
        return new PolicyFiles(
                "local:" + folder.toAbsolutePath().normalize().getFileName(),
                authored.archive(),
                PolicyAssignment.merge(authored.parameters(), given),
                PolicyAssignment.merge(
                        authored.settings(), JsonArgument.object("--settings", settings)),
                PolicyAssignment.Schemas.ofEntry(authored.entry()));
    }
}

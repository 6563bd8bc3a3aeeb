package io.blockplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.cli.client.ApiClient;
import io.blockplane.cli.client.PolicyPublisher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy push|list}. */
@Command(
        name = "policy",
        description = "Publishes and lists policies.",
        synopsisSubcommandLabel = "push|list")
final class PolicyCommand {

    @Command(description = "Packs a folder with code/function.py, uploads it and registers it.")
    int push(
            @Mixin Connection connection,
            @Parameters(paramLabel = "FOLDER", description = "Its name is the policy's name.")
                    Path folder,
            @Option(names = "--version", defaultValue = "1.0", description = "Default: 1.0.")
                    String version,
            @Option(names = "--tag", defaultValue = "stable", description = "Default: stable.")
                    String tag)
            throws IOException, InterruptedException {
        try (ApiClient api = connection.api()) {
            JsonNode published = PolicyPublisher.publish(api, folder, version, tag);
            System.out.println(
                    published.path("uri").asText()
                            + "  sha256 "
                            + published.path("sha256").asText());
        }
        return 0;
    }

    @Command(description = "Lists the registered versions.")
    int list(@Mixin Connection connection) throws IOException, InterruptedException {
        try (ApiClient api = connection.api()) {
            List<List<String>> rows = new ArrayList<>();
            for (JsonNode entry : api.policies().path("data")) {
                rows.add(
                        List.of(
                                entry.path("policy_rule_uri").asText(),
                                Text.shorten(entry.path("archive_sha256").asText(), 13),
                                Text.shorten(entry.path("description").asText(), 60)));
            }
            System.out.print(Text.table(List.of("POLICY", "SHA256", "DESCRIPTION"), rows));
        }
        return 0;
    }
}

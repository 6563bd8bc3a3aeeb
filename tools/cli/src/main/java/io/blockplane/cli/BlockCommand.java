package io.blockplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.cli.client.ApiClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code block create|list|show}. */
@Command(
        name = "block",
        description = "Creates and shows blocks.",
        synopsisSubcommandLabel = "create|list|show")
final class BlockCommand {

    @Command(
            description =
                    "Creates a block from a specification (JSON, as POST /api/createBlock takes"
                            + " it).")
    int create(
            @Mixin Connection connection,
            @Parameters(paramLabel = "FILE", description = "The specification.") Path file)
            throws IOException, InterruptedException {
        try (ApiClient api = connection.api()) {
            JsonNode answer = api.createBlock(Files.readString(file));
            System.out.println(Text.pretty(answer.path("data")));
        }
        return 0;
    }

    @Command(description = "Lists the blocks.")
    int list(@Mixin Connection connection) throws IOException, InterruptedException {
        try (ApiClient api = connection.api()) {
            List<List<String>> rows = new ArrayList<>();
            for (JsonNode block : api.blocks()) {
                List<String> instances = new ArrayList<>();
                for (JsonNode instance : block.path("instances")) {
                    instances.add(
                            instance.path("instanceId").asText()
                                    + " "
                                    + instance.path("state").asText());
                }
                rows.add(
                        List.of(
                                block.path("id").asText(),
                                block.path("componentUri").asText(),
                                block.path("minInstances").asText()
                                        + ".."
                                        + block.path("maxInstances").asText(),
                                String.join(", ", instances)));
            }
            System.out.print(Text.table(List.of("BLOCK", "COMPONENT", "RANGE", "INSTANCES"), rows));
        }
        return 0;
    }

    @Command(description = "Shows one block.")
    int show(
            @Mixin Connection connection,
            @Parameters(paramLabel = "BLOCK", description = "The block's id.") String blockId)
            throws IOException, InterruptedException {
        try (ApiClient api = connection.api()) {
            System.out.println(Text.pretty(api.block(blockId)));
        }
        return 0;
    }
}

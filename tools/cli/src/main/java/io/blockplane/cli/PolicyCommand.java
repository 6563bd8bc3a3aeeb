package io.blockplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.cli.client.ApiClient;
import io.blockplane.cli.client.PolicyPublisher;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy ...}: from writing one to taking it back. */
@Command(
        name = "policy",
        description = "Writes, tests, publishes, activates and takes back policies.",
        subcommands = {InitPolicyCommand.class, TestPolicyCommand.class},
        synopsisSubcommandLabel =
                "init|test|push|list|delete|activate|shadow|diff|unshadow|rollback|mgmt")
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

    @Command(description = "Deletes a version that no block uses.")
    int delete(
            @Mixin Connection connection,
            @Parameters(paramLabel = "URI", description = "name:version-tag.") String uri)
            throws IOException, InterruptedException {
        try (ApiClient api = connection.api()) {
            api.deletePolicy(uri);
            System.out.println("deleted " + uri);
        }
        return 0;
    }

    @Command(description = "Lets a version decide for a block, once it has passed its check.")
    int activate(@Mixin Connection connection, @Mixin Proposal proposal)
            throws IOException, InterruptedException {
        try (ApiClient api = connection.api()) {
            JsonNode activated = proposal.send(api, "activate").path("data");
            System.out.printf(
                    "%s decides as %s of %s; before: %s%n",
                    proposal.uri,
                    proposal.name,
                    proposal.blockId,
                    activated.path("previous").asText("none"));
            findings(activated);
        }
        return 0;
    }

    @Command(
            description =
                    "Lets a version decide beside the active one, without effect, once it has"
                            + " passed its check.")
    int shadow(@Mixin Connection connection, @Mixin Proposal proposal)
            throws IOException, InterruptedException {
        try (ApiClient api = connection.api()) {
            JsonNode shadowed = proposal.send(api, "shadow").path("data");
            System.out.printf(
                    "%s decides beside the %s of %s, without effect%n",
                    proposal.uri, proposal.name, proposal.blockId);
            findings(shadowed);
        }
        return 0;
    }

    @Command(
            description =
                    "Checks a version on the last recorded inputs of a block, and says what it"
                            + " would have decided otherwise. Nothing changes: it is a shadow for"
                            + " the time of the check.")
    int diff(@Mixin Connection connection, @Mixin Proposal proposal)
            throws IOException, InterruptedException {
        try (ApiClient api = connection.api()) {
            JsonNode state = api.block(proposal.blockId).path("policyStates").path(proposal.name);
            if (state.path("shadow").isObject()) {
                throw new IOException(
                        "%s of %s has the shadow %s already: end it first, with policy unshadow"
                                .formatted(
                                        proposal.name,
                                        proposal.blockId,
                                        state.at("/shadow/policyRuleURI").asText()));
            }
            JsonNode shadowed = proposal.send(api, "shadow").path("data");
            api.changePolicy(proposal.blockId, proposal.name, "unshadow", Json.EMPTY_OBJECT);
            System.out.printf("%s passed its check%n", proposal.uri);
            findings(shadowed);
        }
        return 0;
    }

    @Command(description = "Ends the shadow of a block.")
    int unshadow(@Mixin Connection connection, @Mixin Place place)
            throws IOException, InterruptedException {
        try (ApiClient api = connection.api()) {
            JsonNode ended =
                    api.changePolicy(place.blockId, place.name, "unshadow", Json.EMPTY_OBJECT)
                            .path("data");
            System.out.printf(
                    "%s decides beside the %s of %s no more%n",
                    ended.path("policyUri").asText(), place.name, place.blockId);
        }
        return 0;
    }

    @Command(description = "Lets the version decide that did before the active one.")
    int rollback(
            @Mixin Connection connection,
            @Mixin Place place,
            @Option(names = "--reason", description = "For the log.") @Nullable String reason)
            throws IOException, InterruptedException {
        ObjectNode request = EventJson.MAPPER.createObjectNode();
        if (reason != null) {
            request.put("reason", reason);
        }
        try (ApiClient api = connection.api()) {
            JsonNode back =
                    api.changePolicy(place.blockId, place.name, "rollback", Json.of(request))
                            .path("data");
            System.out.printf(
                    "%s decides as %s of %s again; before: %s%n",
                    back.at("/binding/policyUri").asText(),
                    place.name,
                    place.blockId,
                    back.path("previous").asText());
        }
        return 0;
    }

    @Command(description = "Calls the management of a policy, and prints what it returned.")
    int mgmt(
            @Mixin Connection connection,
            @Parameters(index = "0", paramLabel = "BLOCK", description = "The block's id.")
                    String blockId,
            @Parameters(
                            index = "1",
                            paramLabel = "COMPONENT",
                            description = "executor, autoscaler or health-checker.")
                    String component,
            @Parameters(index = "2", paramLabel = "ACTION", description = "As the policy has it.")
                    String action,
            @Parameters(
                            index = "3",
                            arity = "0..1",
                            paramLabel = "JSON",
                            description = "Data; default: {}; @FILE reads a file.")
                    @Nullable String data)
            throws IOException, InterruptedException {
        ObjectNode request = EventJson.MAPPER.createObjectNode();
        request.put("mgmt_action", action);
        request.set("mgmt_data", JsonArgument.read("JSON", data == null ? "{}" : data).node());
        try (ApiClient api = connection.api()) {
            JsonNode returned = api.manage(blockId, component, Json.of(request)).path("data");
            System.out.println(Text.pretty(returned));
        }
        return 0;
    }

    private static void findings(JsonNode data) {
        data.path("findings").forEach(finding -> System.out.println("  - " + finding.asText()));
    }

    /** A thing that policies decide for a block. */
    static final class Place {

        @Parameters(index = "0", paramLabel = "BLOCK", description = "The block's id.")
        String blockId = "";

        @Option(
                names = "--as",
                paramLabel = "NAME",
                description =
                        "What it decides: autoscaler, loadBalancer, stabilityChecker,"
                                + " resourceAllocator, clusterAllocator. Default:"
                                + " ${DEFAULT-VALUE}.")
        String name = "autoscaler";
    }

    /** A version for a block. */
    static final class Proposal {

        @Parameters(index = "0", paramLabel = "BLOCK", description = "The block's id.")
        String blockId = "";

        @Parameters(index = "1", paramLabel = "URI", description = "name:version-tag.")
        String uri = "";

        @Option(
                names = "--as",
                paramLabel = "NAME",
                description =
                        "What it decides: autoscaler, loadBalancer, stabilityChecker,"
                                + " resourceAllocator, clusterAllocator. Default:"
                                + " ${DEFAULT-VALUE}.")
        String name = "autoscaler";

        @Option(
                names = "--parameters",
                paramLabel = "JSON",
                description = "The block's own; @FILE reads a file. Default: as they are.")
        @Nullable String parameters;

        @Option(
                names = "--settings",
                paramLabel = "JSON",
                description = "The block's own; @FILE reads a file. Default: as they are.")
        @Nullable String settings;

        JsonNode send(ApiClient api, String change) throws IOException, InterruptedException {
            ObjectNode request = EventJson.MAPPER.createObjectNode();
            request.put("policy_rule_uri", uri);
            if (parameters != null) {
                request.set("parameters", JsonArgument.object("--parameters", parameters).node());
            }
            if (settings != null) {
                request.set("settings", JsonArgument.object("--settings", settings).node());
            }
            return api.changePolicy(blockId, name, change, Json.of(request));
        }
    }
}

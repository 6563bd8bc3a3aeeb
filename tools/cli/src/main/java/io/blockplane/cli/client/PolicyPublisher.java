package io.blockplane.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.policy.format.PolicyArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Packs a policy folder, uploads it and registers it as a version. */
public final class PolicyPublisher {

    /**
     * What a registry entry must have (contract of the AIOSv1 policy registry), as empty as may be.
     */
    private static final String EMPTY_ENTRY =
            """
            {"metadata":{},"tags":"","code_type":"zip","type":"policy","policy_input_schema":{},
            "policy_output_schema":{},"policy_settings_schema":{},"policy_parameters_schema":{},
            "policy_settings":{},"policy_parameters":{},"description":"","functionality_data":{},
            "resource_estimates":{}}
            """;

    private PolicyPublisher() {}

    /**
     * Publishes the folder that holds {@code code/function.py}; its name is the policy's. Fields of
     * a {@code policy.json} beside {@code code} go into the registry entry.
     *
     * @return {@code uri} and {@code sha256}
     */
    public static JsonNode publish(ApiClient api, Path folder, String version, String releaseTag)
            throws IOException, InterruptedException {
        PolicyArchive archive =
                switch (PolicyArchive.pack(folder)) {
                    case PolicyArchive.Accepted accepted -> accepted.archive();
                    case PolicyArchive.Refused refused -> throw new IOException(refused.reason());
                };
        String name = folder.toAbsolutePath().normalize().getFileName().toString();
        JsonNode upload = api.upload(name + ".zip", archive.content()).path("data");
        ObjectNode entry = Json.parse(EMPTY_ENTRY).object();
        Path own = folder.resolve("policy.json");
        if (Files.exists(own)) {
            entry.setAll(Json.parse(Files.readString(own)).object());
        }
        if (!entry.has("name")) {
            entry.put("name", name);
        }
        entry.put("version", version);
        entry.put("release_tag", releaseTag);
        entry.set("code", upload.path("url"));
        api.registerPolicy(Json.of(entry));
        ObjectNode published = EventJson.MAPPER.createObjectNode();
        published.put(
                "uri", "%s:%s-%s".formatted(entry.path("name").asText(), version, releaseTag));
        published.set("sha256", upload.path("sha256"));
        return published;
    }
}

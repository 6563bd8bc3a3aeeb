package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.blockplane.control.policies.ArchiveRules;
import io.blockplane.control.policies.PolicyRegistry;
import io.blockplane.control.policies.Registration;
import io.blockplane.control.policies.UploadPath;
import io.blockplane.events.EventJson;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** Policy versions and their archives. */
public final class PolicyRoutes {

    private final PolicyRegistry registry;
    private final PolicyEntryReader entryReader;

    PolicyRoutes(PolicyRegistry registry) {
        this.registry = registry;
        this.entryReader = new PolicyEntryReader(registry::archiveOf);
    }

    List<Route> routes() {
        return List.of(
                Route.post("/policy", this::register),
                Route.get("/policy/:uri", this::show),
                Route.get("/policies", _ -> list()),
                Route.upload("/upload", this::upload),
                Route.get("/archives/:sha256", this::archive));
    }

    private Response register(Request request) throws InterruptedException {
        PolicyRegistered policy = entryReader.read(request.json());
        return switch (registry.register(policy)) {
            case Registration.Registered _ -> registered(policy, true);
            case Registration.Unchanged _ -> registered(policy, false);
            case Registration.Conflict(PolicyRegistered existing) ->
                    throw new Problem(
                                    409,
                                    "POLICY_EXISTS",
                                    "version",
                                    TextNode.valueOf(policy.uri()),
                                    "a version or release_tag that is not taken",
                                    policy.uri()
                                            + " is registered with "
                                            + difference(existing, policy)
                                            + "; a version never changes: register another one")
                            .refused();
            case Registration.Unwritten(String reason) -> throw unwritten(reason);
        };
    }

    private Response show(Request request) {
        String uri = request.parameter("uri");
        return registry.policy(uri)
                .map(policy -> Response.success(document(policy)))
                .orElseThrow(() ->
                        Problem.notFound("UNKNOWN_POLICY", "uri", uri, "Policy not found.")
                                .refused());
    }

    private Response list() {
        ArrayNode policies = EventJson.MAPPER.createArrayNode();
        registry.policies().forEach(policy -> policies.add(document(policy)));
        return Response.success(policies);
    }

    private Response upload(Request request) throws IOException, InterruptedException {
        List<Request.File> files =
                request.files().stream().filter(f -> f.field().equals("file")).toList();
        if (files.size() != 1) {
            throw Problem.invalid(
                            "file",
                            files.isEmpty() ? null : TextNode.valueOf(files.size() + " files"),
                            "one file")
                    .refused();
        }
        Request.File file = files.getFirst();
        String given = request.form().getOrDefault("path", "");
        String path =
                UploadPath.of(given, file.fileName())
                        .orElseThrow(() ->
                                Problem.invalid(
                                                "path",
                                                TextNode.valueOf(given + " + " + file.fileName()),
                                                UploadPath.EXPECTED)
                                        .refused());
        byte[] archive = Files.readAllBytes(file.content());
        ArchiveRules.broken(archive)
                .ifPresent(broken -> {
                    throw new Problem(
                                    400,
                                    "BAD_ARCHIVE",
                                    "file",
                                    TextNode.valueOf(file.fileName()),
                                    "a zip with code/function.py",
                                    "file: " + file.fileName() + " is " + broken)
                            .refused();
                });
        return switch (registry.upload(path, archive)) {
            case PolicyRegistry.Upload.Stored(String at, String sha256, int size) -> {
                ObjectNode data = EventJson.MAPPER.createObjectNode();
                data.put("path", at);
                data.put("url", "http://" + request.authority() + "/archives/" + sha256);
                data.put("sha256", sha256);
                data.put("size", size);
                yield Response.success(data);
            }
            case PolicyRegistry.Upload.Unwritten(String reason) -> throw unwritten(reason);
        };
    }

    private Response archive(Request request) {
        String sha256 = request.parameter("sha256");
        return registry.archive(sha256)
                .map(bytes -> Response.bytes("application/zip", bytes))
                .orElseThrow(() ->
                        Problem.notFound("UNKNOWN_ARCHIVE", "sha256", sha256, "Archive not found.")
                                .refused());
    }

    private static Response registered(PolicyRegistered policy, boolean created) {
        ObjectNode data = EventJson.MAPPER.createObjectNode();
        data.put("policy_rule_uri", policy.uri());
        data.put("archive_sha256", policy.archiveSha256());
        data.put("created", created);
        return Response.success(data);
    }

    private static ObjectNode document(PolicyRegistered policy) {
        ObjectNode document = policy.entry().object();
        document.put("policy_rule_uri", policy.uri());
        document.put("archive_sha256", policy.archiveSha256());
        return document;
    }

    private static String difference(PolicyRegistered existing, PolicyRegistered candidate) {
        return existing.archiveSha256().equals(candidate.archiveSha256())
                ? "another entry"
                : "another archive, " + existing.archiveSha256();
    }

    private static Problem.Refused unwritten(String reason) {
        return Problem.of(503, "LOG_UNAVAILABLE", "could not be written: " + reason).refused();
    }
}

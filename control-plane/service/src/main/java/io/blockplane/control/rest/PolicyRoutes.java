package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.blockplane.control.core.BlockState;
import io.blockplane.control.policies.Deletion;
import io.blockplane.control.policies.PolicyRegistry;
import io.blockplane.control.policies.Registration;
import io.blockplane.control.policies.UploadPath;
import io.blockplane.control.view.BlockDirectory;
import io.blockplane.events.EventJson;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.policy.format.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Policy versions and their archives. */
public final class PolicyRoutes {

    /** Most entries that a query is answered with. */
    private static final int FOUND = 1_000;

    private final PolicyRegistry registry;
    private final BlockDirectory directory;
    private final BindingRules bindingRules;
    private final PolicyEntryReader entryReader;

    PolicyRoutes(PolicyRegistry registry, BlockDirectory directory, BindingRules bindingRules) {
        this.registry = registry;
        this.directory = directory;
        this.bindingRules = bindingRules;
        this.entryReader = new PolicyEntryReader(registry::archiveOf);
    }

    List<Route> routes() {
        return List.of(
                Route.post("/policy", this::register),
                Route.get("/policy/:uri", this::show),
                Route.put("/policy/:uri", this::replace),
                Route.delete("/policy/:uri", this::delete),
                Route.post("/policy/query", this::query),
                Route.get("/policies", _ -> list()),
                Route.upload("/upload", this::upload),
                Route.get("/archives/:sha256", this::archive));
    }

    private Response register(Request request) throws InterruptedException {
        return register(entryReader.read(request.json()));
    }

    private Response register(PolicyRegistered policy) throws InterruptedException {
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
            case Registration.Deleted _ ->
                    throw new Problem(
                                    409,
                                    "POLICY_DELETED",
                                    "version",
                                    TextNode.valueOf(policy.uri()),
                                    "a version or release_tag that was never taken",
                                    policy.uri()
                                            + " was deleted, and a uri is never given twice:"
                                            + " register another version")
                            .refused();
            case Registration.Unwritten(String reason) -> throw unwritten(reason);
        };
    }

    /** A version never changes: only what it is already may be put. */
    private Response replace(Request request) throws InterruptedException {
        String uri = request.parameter("uri");
        if (registry.policy(uri).isEmpty()) {
            throw unknown(uri);
        }
        PolicyRegistered policy = entryReader.read(request.json());
        if (!policy.uri().equals(uri)) {
            throw new Problem(
                            409,
                            "POLICY_EXISTS",
                            "version",
                            TextNode.valueOf(policy.uri()),
                            uri,
                            "the entry is one of "
                                    + policy.uri()
                                    + ", not of "
                                    + uri
                                    + "; a version never changes: register another one with POST"
                                    + " /policy")
                    .refused();
        }
        return register(policy);
    }

    private Response delete(Request request) throws InterruptedException {
        String uri = request.parameter("uri");
        return bindingRules.whileUnused(() -> {
            List<String> users = users(uri);
            if (!users.isEmpty()) {
                throw new Problem(
                                409,
                                "POLICY_IN_USE",
                                "uri",
                                TextNode.valueOf(uri),
                                "a policy that no block has active, as shadow, under check or to"
                                        + " roll back to",
                                uri + " is used by " + String.join(", ", users))
                        .refused();
            }
            return switch (registry.delete(uri)) {
                case Deletion.Deleted(String sha256) -> {
                    ObjectNode data = EventJson.MAPPER.createObjectNode();
                    data.put("policy_rule_uri", uri);
                    data.put("archive_sha256", sha256);
                    yield Response.success(data);
                }
                case Deletion.Unknown _ -> throw unknown(uri);
                case Deletion.Unwritten(String reason) -> throw unwritten(reason);
            };
        });
    }

    /** {@code <name> of block <id>}, for each use. */
    private List<String> users(String uri) {
        List<String> users = new ArrayList<>();
        for (BlockState.Present block : directory.blocks()) {
            block.policies()
                    .forEach((name, policy) -> {
                        if (policy.uses(uri)) {
                            users.add(name + " of block " + block.blockId());
                        }
                    });
        }
        return users;
    }

    private Response query(Request request) {
        Predicate<JsonNode> filter = PolicyQuery.of(request.json().all().node());
        ArrayNode found = EventJson.MAPPER.createArrayNode();
        registry.policies().stream()
                .map(PolicyRoutes::document)
                .filter(filter)
                .limit(FOUND)
                .forEach(found::add);
        return Response.success(found);
    }

    private Response show(Request request) {
        String uri = request.parameter("uri");
        return registry.policy(uri)
                .map(policy -> Response.success(document(policy)))
                .orElseThrow(() -> unknown(uri));
    }

    private Problem.Refused unknown(String uri) {
        String message =
                registry.isDeleted(uri) ? "Policy not found: deleted." : "Policy not found.";
        return Problem.notFound("UNKNOWN_POLICY", "uri", uri, message).refused();
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
        requireUsable(file.fileName(), archive);
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

    private static void requireUsable(String fileName, byte[] archive) {
        Optional<String> unusable =
                switch (PolicyArchive.read(archive)) {
                    case PolicyArchive.Accepted(PolicyArchive readable) ->
                            Requirements.refusal(readable);
                    case PolicyArchive.Refused(String reason) -> Optional.of(reason);
                };
        unusable.ifPresent(reason -> {
            throw new Problem(
                            400,
                            "BAD_ARCHIVE",
                            "file",
                            TextNode.valueOf(fileName),
                            "a zip or a tar (xz, gzip, bzip2) with code/function.py",
                            "file: " + fileName + ": " + reason)
                    .refused();
        });
    }

    private Response archive(Request request) {
        String sha256 = request.parameter("sha256");
        return registry.archive(sha256)
                .map(bytes -> Response.bytes("application/octet-stream", bytes))
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

package io.blockplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.policy.format.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A policy where its author has it: a folder with {@code code/}, or an archive.
 *
 * @param archive as it would be uploaded
 * @param folder null when it is an archive
 * @param entry what {@code policy.json} beside {@code code/} says of the registry entry
 */
record AuthoredPolicy(PolicyArchive archive, @Nullable Path folder, Json entry) {

    /** Largest test file beside {@code code/} that is taken along, bytes. */
    private static final long TEST_BYTES = 1024 * 1024;

    /** Fields of the registry entry, beside {@code code/}. */
    private static final String ENTRY_FILE = "policy.json";

    /**
     * Reads one.
     *
     * @throws IOException when it can't be read, or would be refused at its upload
     */
    static AuthoredPolicy read(Path source) throws IOException {
        if (!Files.exists(source)) {
            throw new IOException(source + " is not there");
        }
        boolean isFolder = Files.isDirectory(source);
        PolicyArchive archive =
                switch (isFolder
                        ? PolicyArchive.pack(source)
                        : PolicyArchive.read(Files.readAllBytes(source))) {
                    case PolicyArchive.Accepted(PolicyArchive readable) -> readable;
                    case PolicyArchive.Refused(String reason) ->
                            throw new IOException(source + ": " + reason);
                };
        Optional<String> refusal = Requirements.refusal(archive);
        if (refusal.isPresent()) {
            throw new IOException(source + ": " + refusal.get());
        }
        Path own = source.resolve(ENTRY_FILE);
        Json entry =
                isFolder && Files.exists(own)
                        ? JsonArgument.object(ENTRY_FILE, "@" + own)
                        : Json.EMPTY_OBJECT;
        return new AuthoredPolicy(archive, isFolder ? source : null, entry);
    }

    /** What {@code metadata.kind} of the entry says. */
    Optional<PolicyKind> kind() {
        return PolicyKind.of(entry.node().at("/metadata/kind").asText("").toUpperCase(Locale.ROOT));
    }

    Json parameters() {
        return object("policy_parameters");
    }

    Json settings() {
        return object("policy_settings");
    }

    Json schema(String field) {
        return object(field);
    }

    /** The sample inputs beside {@code code/}; empty when there are none. */
    Optional<Path> sample() {
        return Optional.ofNullable(folder)
                .map(f -> f.resolve("sample-input.json"))
                .filter(Files::exists);
    }

    /** With the tests that lie beside {@code code/} and are not uploaded. */
    PolicyArchive withTests() throws IOException {
        if (folder == null) {
            return archive;
        }
        SortedMap<String, byte[]> files = new TreeMap<>(archive.files());
        add(files, folder, "");
        add(files, folder.resolve("tests"), "tests/");
        return PolicyArchive.of(files).orElseThrow();
    }

    private static void add(SortedMap<String, byte[]> files, Path from, String prefix)
            throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (Stream<Path> inside = Files.list(from)) {
            for (Path file : inside.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".py")
                        && Files.isRegularFile(file)
                        && Files.size(file) <= TEST_BYTES) {
                    files.putIfAbsent(prefix + name, Files.readAllBytes(file));
                }
            }
        }
    }

    private Json object(String field) {
        JsonNode value = entry.node().path(field);
        ObjectNode none = EventJson.MAPPER.createObjectNode();
        return Json.of(value.isObject() ? value : none);
    }
}

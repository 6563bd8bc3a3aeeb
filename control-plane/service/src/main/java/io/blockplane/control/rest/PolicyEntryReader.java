package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.node.TextNode;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The body of {@code POST /policy} to a policy version: the registry entry of AIOSv1. All fields of
 * it must be there; others are kept as they are.
 */
final class PolicyEntryReader {

    /** Fields that the entry must have, beside those that are looked into below. */
    private static final List<String> CARRIED =
            List.of(
                    "metadata",
                    "tags",
                    "code_type",
                    "type",
                    "description",
                    "functionality_data",
                    "resource_estimates");

    private static final List<String> SCHEMAS =
            List.of(
                    SchemaRules.INPUT,
                    SchemaRules.OUTPUT,
                    SchemaRules.SETTINGS,
                    SchemaRules.PARAMETERS);

    /** Uris beginning so are the policies that come along. */
    static final String BUILT_IN = "builtin";

    private static final Pattern PART = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,79}");
    private static final String PART_EXPECTED =
            "1 to 80 of [A-Za-z0-9._-], beginning with a letter or digit";

    private final Function<String, Optional<String>> archiveOf;

    /**
     * Prepares.
     *
     * @param archiveOf the SHA-256 of the archive that a {@code code} means
     */
    PolicyEntryReader(Function<String, Optional<String>> archiveOf) {
        this.archiveOf = archiveOf;
    }

    /** Whether a uri means a policy that comes along. */
    static boolean isBuiltIn(String uri) {
        return uri.startsWith(BUILT_IN + ":");
    }

    PolicyRegistered read(Fields entry) {
        String name = part(entry, "name");
        if (name.equals(BUILT_IN)) {
            throw entry.invalid("name", name, "another name: this one is taken");
        }
        String uri = name + ":" + part(entry, "version") + "-" + part(entry, "release_tag");
        String expected = "sha256:<hex>, or the path or url of an uploaded archive";
        String code = entry.text("code", expected);
        CARRIED.forEach(entry::any);
        SCHEMAS.forEach(schema -> SchemaRules.requireSchema(entry, schema));
        Json settings = entry.object("policy_settings").all();
        Json parameters = entry.object("policy_parameters").all();
        SchemaRules.require(entry.all(), SchemaRules.SETTINGS, "policy_settings", settings);
        SchemaRules.require(entry.all(), SchemaRules.PARAMETERS, "policy_parameters", parameters);
        String archive =
                archiveOf
                        .apply(code)
                        .orElseThrow(() ->
                                isUrl(code)
                                        ? elsewhere(code)
                                        : entry.invalid("code", code, expected));
        return new PolicyRegistered(uri, archive, entry.all(), parameters, settings);
    }

    private static boolean isUrl(String code) {
        return code.startsWith("http://") || code.startsWith("https://");
    }

    /** A version must stay what it is, so its bytes can't be left where others may change them. */
    private static Problem.Refused elsewhere(String code) {
        return new Problem(
                        400,
                        "INVALID",
                        "code",
                        TextNode.valueOf(code),
                        "the path or url of an archive that was uploaded here",
                        "code: "
                                + code
                                + " was not uploaded here, and nothing is fetched: what stands at"
                                + " a URL may change, and a version never does. Upload the file"
                                + " with POST /upload and name its path")
                .refused();
    }

    private static String part(Fields entry, String field) {
        String part = entry.text(field, PART_EXPECTED);
        if (!PART.matcher(part).matches()) {
            throw entry.invalid(field, part, PART_EXPECTED);
        }
        return part;
    }
}

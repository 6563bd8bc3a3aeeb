package io.blockplane.control.component;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The servers behind a block whose component is {@link #COMPONENT}: programs of others that speak
 * the OpenAI API and that nobody here starts. They stand in the block's {@code initSettings}:
 * {@code {"url": "http://host:8000/v1"}}, or {@code urls} with a list. A {@code #name} at the end
 * of a url is the model of requests that name none.
 *
 * @param urls at least one
 */
public record OpenAiServers(List<String> urls) {

    public static final String COMPONENT = "openai:";

    /** Name of the transport that calls them. */
    public static final String TRANSPORT = "openai";

    /** Most urls of a block: it has no more instances than that. */
    static final int URLS = 1_000;

    /** Longest url, characters. */
    static final int URL_LENGTH = 2_048;

    private static final String URL_EXPECTED =
            "http(s)://host[:port]/v1[#model], at most %d characters, without user and query"
                    .formatted(URL_LENGTH);
    private static final int MAX_PORT = 65_535;

    public OpenAiServers {
        urls = List.copyOf(urls);
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("urls: none (expected: at least one)");
        }
    }

    /** Settings or what is wrong with them. */
    public sealed interface Read {

        /** They name servers. */
        record Servers(OpenAiServers servers) implements Read {}

        /**
         * They do not.
         *
         * @param field at fault, its path inside the settings
         * @param value that it has; null: it is missing
         */
        record Refused(String field, @Nullable JsonNode value, String expected) implements Read {

            /** For people: the field, the value and what was expected. */
            public String message() {
                return "initSettings.%s: %s (expected: %s)"
                        .formatted(field, value == null ? "missing" : value, expected);
            }
        }
    }

    /** From a block's {@code initSettings}; what else is in them is not looked at. */
    public static Read read(Json initSettings) {
        ObjectNode settings = initSettings.object();
        JsonNode one = settings.get("url");
        JsonNode many = settings.get("urls");
        if (one != null && many != null) {
            return new Read.Refused("urls", many, "not beside url");
        }
        if (many == null) {
            return read(List.of("url"), Collections.singletonList(one));
        }
        if (!many.isArray() || many.isEmpty() || many.size() > URLS) {
            return new Read.Refused("urls", many, "a list of 1 to %d urls".formatted(URLS));
        }
        List<String> fields = new ArrayList<>();
        List<@Nullable JsonNode> urls = new ArrayList<>();
        for (JsonNode url : many) {
            fields.add("urls[" + fields.size() + "]");
            urls.add(url);
        }
        return read(fields, urls);
    }

    /**
     * Where the next instance is: the server that the fewest others have, of those the first.
     *
     * @param taken targets of the block's other instances
     */
    public InstanceAddress next(Collection<String> taken) {
        // min() keeps the first of equals.
        return urls.stream()
                .min(Comparator.comparingInt(url -> Collections.frequency(taken, url)))
                .map(OpenAiServers::address)
                .orElseThrow();
    }

    /** A server that lists its models serves; all of them can do that. */
    private static InstanceAddress address(String url) {
        int model = url.indexOf('#');
        String base = model < 0 ? url : url.substring(0, model);
        String slash = base.endsWith("/") ? "" : "/";
        return new InstanceAddress(TRANSPORT, url, base + slash + "models");
    }

    private static Read read(List<String> fields, List<@Nullable JsonNode> urls) {
        List<String> read = new ArrayList<>();
        for (int i = 0; i < urls.size(); i++) {
            JsonNode url = urls.get(i);
            Optional<String> server = url == null ? Optional.empty() : server(url);
            if (server.isEmpty()) {
                return new Read.Refused(fields.get(i), url, URL_EXPECTED);
            }
            read.add(server.get());
        }
        return new Read.Servers(new OpenAiServers(read));
    }

    /** The url, when it is one of a server. */
    private static Optional<String> server(JsonNode node) {
        String url = node.isTextual() ? node.textValue() : "";
        if (url.length() > URL_LENGTH) {
            return Optional.empty();
        }
        try {
            URI uri = new URI(url);
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            boolean port = uri.getPort() == -1 || (uri.getPort() > 0 && uri.getPort() <= MAX_PORT);
            // A password would stand in the log for all to read.
            boolean bare = uri.getRawUserInfo() == null && uri.getRawQuery() == null;
            return http && uri.getHost() != null && port && bare
                    ? Optional.of(url)
                    : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}

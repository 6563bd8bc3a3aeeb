package io.blockplane.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.DecisionChain;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.HttpBody;
import io.blockplane.events.PolicyDecided.HttpError;
import io.blockplane.events.PolicyDecided.HttpExchanged;
import io.blockplane.events.PolicyDecided.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request that a policy makes with {@code requests}.
 *
 * @param headers by lower-case name, as they are sent
 * @param timeout that the policy asked for; null: none
 * @param follow go where a redirect says
 */
record HttpAsk(
        String method,
        String url,
        SortedMap<String, String> headers,
        @Nullable HttpBody body,
        @Nullable Duration timeout,
        boolean follow) {

    /** Their values are nobody's business but the server's. */
    private static final Set<String> SECRET =
            Set.of("authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token");

    /** Reads what the {@code requests} of the sandbox writes. */
    static HttpAsk parse(String text) {
        ObjectNode ask = Json.parse(text).object();
        SortedMap<String, String> headers = new TreeMap<>();
        ask.path("headers")
                .properties()
                .forEach(header ->
                        headers.put(
                                header.getKey().toLowerCase(Locale.ROOT),
                                header.getValue().asText()));
        JsonNode body = ask.path("body");
        JsonNode timeout = ask.path("timeout_ms");
        return new HttpAsk(
                ask.path("method").asText(),
                ask.path("url").asText(),
                headers,
                body.isTextual() ? body(Base64.getDecoder().decode(body.asText())) : null,
                timeout.isNumber() ? Duration.ofMillis(timeout.asLong()) : null,
                ask.path("follow").asBoolean());
    }

    /** The record of an exchange that gave a response. */
    HttpExchanged answered(HttpResponse response) {
        return new HttpExchanged(method, url, shownHeaders(), body, response, null);
    }

    /**
     * The record of an exchange that gave none.
     *
     * @param type a class of {@code requests.exceptions}
     */
    HttpExchanged failed(String type, String message) {
        return new HttpExchanged(
                method,
                url,
                shownHeaders(),
                body,
                null,
                new HttpError(type, Recording.errorText(message)));
    }

    /** Whether the record is of this request. */
    boolean isOf(HttpExchanged recorded) {
        return failed("", "")
                .equals(
                        new HttpExchanged(
                                recorded.method(),
                                recorded.url(),
                                recorded.requestHeaders(),
                                recorded.requestBody(),
                                null,
                                new HttpError("", "")));
    }

    /** As text if it is UTF-8. */
    static HttpBody body(byte[] bytes) {
        try {
            return new HttpBody(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString(),
                    null);
        } catch (CharacterCodingException _) {
            return new HttpBody(null, Base64.getEncoder().encodeToString(bytes));
        }
    }

    static byte[] bytes(@Nullable HttpBody body) {
        if (body == null) {
            return new byte[0];
        }
        String text = body.text();
        return text == null
                ? Base64.getDecoder().decode(body.base64())
                : text.getBytes(StandardCharsets.UTF_8);
    }

    private SortedMap<String, String> shownHeaders() {
        SortedMap<String, String> shown = new TreeMap<>(headers);
        shown.replaceAll(
                (name, value) -> SECRET.contains(name) ? DecisionChain.sha256(value) : value);
        return shown;
    }
}

package io.blockplane.executor.transport;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;

/** What answers of an OpenAI-compatible server, and their absence, mean for an attempt. */
final class OpenAiAnswers {

    private static final int MAX_DETAIL_CHARS = 500;

    private OpenAiAnswers() {}

    /** Of a body that came whole with 200. */
    static Attempt answered(byte[] body) {
        JsonNode usage;
        try {
            usage = OpenAiCall.JSON.readTree(body).path("usage");
        } catch (java.io.IOException e) {
            return broken("the answer is not JSON");
        }
        ByteString data = ByteString.copyFrom(body);
        return data.isValidUtf8()
                ? new Attempt.Answered(
                        data,
                        usage.path("prompt_tokens").asLong(),
                        usage.path("completion_tokens").asLong())
                : broken("the answer is not UTF-8");
    }

    static Attempt broken(String what) {
        return new Attempt.Refused(Status.INTERNAL.withDescription(what));
    }

    /** Of a status other than 200. */
    static Attempt failed(String target, int status, byte[] body) {
        String message = message(body);
        String detail = target + ": HTTP " + status + ": " + message;
        return switch (status) {
            // Not begun: rate limited, overloaded or not up yet.
            case 429, 502, 503 -> new Attempt.NotTaken(detail);
            case 408, 504 -> new Attempt.Expired(detail);
            case 401, 403 -> refused(Status.PERMISSION_DENIED, message);
            case 404 -> refused(Status.NOT_FOUND, message);
            case 501 -> refused(Status.UNIMPLEMENTED, message);
            default ->
                    status >= 400 && status < 500
                            ? refused(Status.INVALID_ARGUMENT, message)
                            : refused(Status.INTERNAL, "HTTP " + status + ": " + message);
        };
    }

    /** Of a connection that broke, or never was. */
    static Attempt failed(String target, Throwable error) {
        String detail = target + ": " + error;
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof HttpConnectTimeoutException
                    || cause instanceof UnresolvedAddressException) {
                return new Attempt.NotTaken(detail);
            }
            if (cause instanceof HttpTimeoutException) {
                return new Attempt.Expired(detail);
            }
        }
        return new Attempt.Lost(detail);
    }

    private static Attempt refused(Status status, String message) {
        return new Attempt.Refused(status.withDescription(message));
    }

    /** What the server says: OpenAI's error object, FastAPI's detail, or the text. */
    private static String message(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        try {
            JsonNode root = OpenAiCall.JSON.readTree(text);
            for (String pointer :
                    new String[] {"/error/message", "/error", "/message", "/detail"}) {
                JsonNode found = root.at(pointer);
                if (found.isTextual()) {
                    text = found.asText();
                    break;
                }
            }
        } catch (JsonProcessingException e) {
            // Then it is the text.
        }
        return text.length() <= MAX_DETAIL_CHARS
                ? text
                : text.substring(0, MAX_DETAIL_CHARS) + "...";
    }
}

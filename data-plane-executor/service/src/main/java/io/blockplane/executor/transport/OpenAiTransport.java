package io.blockplane.executor.transport;

import com.google.protobuf.ByteString;
import io.blockplane.events.InstanceAddress;
import io.grpc.Status;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code openai}: any server of the OpenAI API (vLLM, TGI, llama.cpp, Ollama). The target is its
 * address up to {@code /v1}; a {@code #name} at its end is the model of requests that name none.
 *
 * <p>A packet's data is the JSON body of a request: with {@code messages} it goes to {@code
 * /chat/completions}, with {@code prompt} to {@code /completions}, with {@code input} to {@code
 * /embeddings}. Whether it streams is the caller's choice of method, not the body's. The output is
 * the server's answer as it came; in a stream it is the text of the first choice, and nothing else
 * of the chunks. Tokens are those of {@code usage}.
 */
public final class OpenAiTransport implements Transport {

    public static final String NAME = "openai";

    /** Of an answer that comes whole. */
    static final int MAX_ANSWER_BYTES = 64 * 1024 * 1024;

    /** Of what a server says instead of a stream; longer and it counts as a broken connection. */
    static final int MAX_REFUSAL_BYTES = 1024 * 1024;

    private static final String CLOSED = ": the way to it was closed";
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);

    private final String target;
    private final String base;
    private final @Nullable String model;
    private final HttpClient http;
    private final ExecutorService threads;
    private final Set<HttpFlight> flights = ConcurrentHashMap.newKeySet();

    private OpenAiTransport(String target, URI address) {
        this.target = target;
        this.model = address.getFragment();
        String text = target.contains("#") ? target.substring(0, target.indexOf('#')) : target;
        this.base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        this.threads = Executors.newVirtualThreadPerTaskExecutor();
        this.http =
                HttpClient.newBuilder()
                        .executor(threads)
                        // Most of these servers speak nothing else, and an upgrade costs a trip.
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT_LIMIT)
                        .build();
    }

    /**
     * Opens the way to a server.
     *
     * @throws IllegalArgumentException when the address is none
     */
    public static Transport open(String blockId, InstanceAddress address) {
        URI uri = URI.create(address.target());
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!address.transport().equals(NAME) || !http || uri.getHost() == null) {
            throw new IllegalArgumentException(
                    "address of %s: %s %s (expected: %s http://host:port/v1)"
                            .formatted(blockId, address.transport(), address.target(), NAME));
        }
        return new OpenAiTransport(address.target(), uri);
    }

    @Override
    public Flight start(Work work, Listener listener) {
        HttpFlight flight = new HttpFlight(work, listener);
        flights.add(flight);
        flight.expireIn(work.limit());
        try {
            // A large body takes its time to be read; the caller has none.
            threads.execute(flight::begin);
        } catch (RejectedExecutionException e) {
            flight.gate.end(new Attempt.NotTaken(target + CLOSED));
        }
        return flight;
    }

    @Override
    public void close() {
        flights.forEach(HttpFlight::cutOff);
        http.shutdownNow();
        threads.shutdown();
    }

    /** One request and what comes of it. */
    private final class HttpFlight implements Flight {

        private final Work work;
        private final PieceGate gate;

        /** Of the whole attempt, with the time that its caller takes for the pieces. */
        private final CompletableFuture<@Nullable Void> limit = new CompletableFuture<>();

        private volatile @Nullable OpenAiStream stream;
        private volatile @Nullable CompletableFuture<?> response;
        private volatile boolean over;

        HttpFlight(Work work, Listener listener) {
            this.work = work;
            this.gate =
                    new PieceGate(
                            new Listener() {
                                @Override
                                public void piece(ByteString text) {
                                    listener.piece(text);
                                }

                                @Override
                                public void ended(Attempt attempt) {
                                    over = true;
                                    limit.complete(null);
                                    flights.remove(HttpFlight.this);
                                    listener.ended(attempt);
                                }
                            },
                            this::more);
        }

        @Override
        public void request(int pieces) {
            gate.request(pieces);
        }

        @Override
        public void cancel() {
            abort(new Attempt.Abandoned());
        }

        void cutOff() {
            abort(new Attempt.Lost(target + CLOSED));
        }

        void expireIn(Duration time) {
            CompletableFuture<?> _ =
                    limit.orTimeout(time.toNanos(), TimeUnit.NANOSECONDS)
                            .whenComplete((_, error) -> {
                                if (error != null) {
                                    abort(new Attempt.Expired(target + ": no end within " + time));
                                }
                            });
        }

        void begin() {
            try {
                ByteString data = work.packet().parsed().getDataBytes();
                switch (OpenAiCall.read(data, model, work.stream())) {
                    case OpenAiCall.Read.Invalid(var status) ->
                            gate.end(new Attempt.Refused(status));
                    case OpenAiCall.Read.Call(OpenAiCall call) -> send(call);
                }
            } catch (RuntimeException e) {
                // A bug; the task must not be under way for ever because of it.
                gate.end(
                        new Attempt.Refused(
                                Status.INTERNAL
                                        .withDescription(target + ": not sent: " + e)
                                        .withCause(e)));
            }
        }

        private void send(OpenAiCall call) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(base + call.path()))
                            .header("Content-Type", "application/json")
                            .header(
                                    "Accept",
                                    call.streams() ? "text/event-stream" : "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(call.body()))
                            .build();
            CompletableFuture<? extends HttpResponse<?>> sent =
                    call.streams() ? streamed(request) : whole(request);
            response = sent;
            CompletableFuture<?> _ = sent.whenComplete((_, error) -> ended(error));
            if (over) {
                // Given up while it was being sent.
                sent.cancel(true);
            }
        }

        private void ended(@Nullable Throwable error) {
            if (error != null) {
                gate.end(OpenAiAnswers.failed(target, error));
            }
        }

        private CompletableFuture<? extends HttpResponse<?>> whole(HttpRequest request) {
            return http.sendAsync(
                            request,
                            HttpResponse.BodyHandlers.limiting(
                                    HttpResponse.BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES))
                    .whenComplete((answer, _) -> {
                        if (answer != null) {
                            end(answer.statusCode(), answer.body());
                        }
                    });
        }

        private void end(int status, byte[] body) {
            Attempt attempt =
                    status == 200
                            ? OpenAiAnswers.answered(body)
                            : OpenAiAnswers.failed(target, status, body);
            if (work.stream() && attempt instanceof Attempt.Answered(var data, var in, var out)) {
                gate.piece(data);
                gate.end(new Attempt.Answered(ByteString.EMPTY, in, out));
            } else {
                gate.end(attempt);
            }
        }

        private CompletableFuture<? extends HttpResponse<?>> streamed(HttpRequest request) {
            return http.sendAsync(
                    request,
                    head -> {
                        String type = head.headers().firstValue("Content-Type").orElse("none");
                        if (head.statusCode() == 200 && type.startsWith("text/event-stream")) {
                            OpenAiStream body = new OpenAiStream(target, gate);
                            stream = body;
                            // What was wanted before the body was there.
                            gate.nothing();
                            return body;
                        }
                        return HttpResponse.BodySubscribers.mapping(
                                HttpResponse.BodySubscribers.limiting(
                                        HttpResponse.BodySubscribers.ofByteArray(),
                                        MAX_REFUSAL_BYTES),
                                bytes -> {
                                    gate.end(
                                            head.statusCode() == 200
                                                    ? OpenAiAnswers.broken(
                                                            "Content-Type: "
                                                                    + type
                                                                    + " (expected:"
                                                                    + " text/event-stream)")
                                                    : OpenAiAnswers.failed(
                                                            target, head.statusCode(), bytes));
                                    return false;
                                });
                    });
        }

        private void more() {
            OpenAiStream body = stream;
            if (body != null) {
                body.more();
            }
        }

        private void abort(Attempt attempt) {
            if (gate.abort(attempt)) {
                CompletableFuture<?> sent = response;
                if (sent != null) {
                    sent.cancel(true);
                }
            }
        }
    }
}

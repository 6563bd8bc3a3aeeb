package io.blockplane.control.rest;

import io.blockplane.policy.format.PolicyArchive;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves routes over HTTP. The event loop reads and writes; handlers run on virtual threads. */
public final class RestServer implements AutoCloseable {

    /** Requests in hand at once; one more is answered 503. */
    static final int IN_HAND = 256;

    /** Largest JSON body, bytes. */
    static final int JSON_BYTES = 1024 * 1024;

    /** Largest multipart body, bytes: an archive and what is around it. */
    static final int MULTIPART_BYTES = PolicyArchive.MAX_COMPRESSED_BYTES + 64 * 1024;

    private static final Duration IDLE_LIMIT = Duration.ofMinutes(2);
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(RestServer.class);

    private final String host;
    private final Path uploads;
    private final List<Listener> listeners;
    private final Vertx vertx;
    private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore inHand = new Semaphore(IN_HAND);
    private final Map<String, Integer> ports = new LinkedHashMap<>();
    private volatile boolean closing;

    /**
     * Prepares.
     *
     * @param uploads folder for files while their request is answered
     * @param listeners the first one is the main one
     */
    RestServer(String host, Path uploads, List<Listener> listeners) {
        this.host = host;
        this.uploads = uploads;
        this.listeners = List.copyOf(listeners);
        this.vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(2)
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setFileCachingEnabled(false)
                                                .setClassPathResolvingEnabled(false)));
    }

    /**
     * Listens.
     *
     * @throws IOException when it can't on a port that it must have, for example because that is
     *     taken
     */
    public void start() throws IOException, InterruptedException {
        for (Listener listener : listeners) {
            try {
                ports.put(listener.name(), listen(listener));
            } catch (ExecutionException | TimeoutException e) {
                if (listener.required()) {
                    throw new IOException("can't listen on " + host + ":" + listener.port(), e);
                }
                LOG.atWarn()
                        .addKeyValue("listener", listener.name())
                        .addKeyValue("port", listener.port())
                        .addKeyValue("reason", String.valueOf(e.getCause()))
                        .log("can't listen on this port; it is left out");
            }
        }
    }

    private int listen(Listener listener)
            throws ExecutionException, InterruptedException, TimeoutException {
        HttpServerOptions options =
                new HttpServerOptions()
                        .setHost(host)
                        .setPort(listener.port())
                        .setIdleTimeout(Math.toIntExact(IDLE_LIMIT.toSeconds()));
        return vertx.createHttpServer(options)
                .requestHandler(router(listener.routes()))
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .get(START_LIMIT.toSeconds(), TimeUnit.SECONDS)
                .actualPort();
    }

    /** The port of the main listener. */
    public int port() {
        Integer port = ports.get(listeners.getFirst().name());
        if (port == null) {
            throw new IllegalStateException("not started");
        }
        return port;
    }

    /** The ports that it listens on, by the names of their listeners. */
    public Map<String, Integer> ports() {
        return Map.copyOf(ports);
    }

    @Override
    public void close() {
        closing = true;
        try {
            handlers.shutdownNow();
            if (!handlers.awaitTermination(CLOSE_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                LOG.atWarn().addKeyValue("limit", CLOSE_LIMIT).log("requests did not end in time");
            }
            vertx.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(CLOSE_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.atWarn().setCause(e).log("HTTP server did not close in order");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Router router(List<Route> routes) {
        Router router = Router.router(vertx);
        routes.forEach(route -> mount(router, route));
        router.errorHandler(
                404,
                context ->
                        send(
                                context,
                                Problem.of(
                                                404,
                                                "NO_SUCH_PATH",
                                                "there is no " + context.request().path())
                                        .response()));
        router.errorHandler(
                405,
                context ->
                        send(
                                context,
                                Problem.of(
                                                405,
                                                "NO_SUCH_METHOD",
                                                context.request().method()
                                                        + " is not for "
                                                        + context.request().path())
                                        .response()));
        return router;
    }

    private void mount(Router router, Route route) {
        HttpMethod method = HttpMethod.valueOf(route.method().name());
        var mounted = router.route(method, route.path());
        switch (route.body()) {
            case NONE -> {}
            case JSON -> {
                mounted.handler(context -> requireType(context, "application/json"));
                mounted = router.route(method, route.path());
                mounted.handler(BodyHandler.create(false).setBodyLimit(JSON_BYTES));
            }
            case MULTIPART -> {
                mounted.handler(context -> requireType(context, "multipart/form-data"));
                mounted = router.route(method, route.path());
                mounted.handler(
                        BodyHandler.create(uploads.toString())
                                .setBodyLimit(MULTIPART_BYTES)
                                .setDeleteUploadedFilesOnEnd(true));
            }
        }
        mounted.handler(context -> dispatch(context, route.handler()))
                .failureHandler(context -> send(context, failure(context, route)));
    }

    /** Called on the event loop. */
    private void dispatch(RoutingContext context, Route.Handler handler) {
        if (closing) {
            send(context, going());
            return;
        }
        if (!inHand.tryAcquire()) {
            context.response().putHeader("Retry-After", "1");
            send(
                    context,
                    Problem.of(503, "BUSY", IN_HAND + " requests are in hand; try again")
                            .response());
            return;
        }
        Request request = request(context);
        Context eventLoop = vertx.getOrCreateContext();
        handlers.execute(() -> {
            Response response;
            try {
                response = answer(request, handler);
            } finally {
                inHand.release();
            }
            eventLoop.runOnContext(_ -> send(context, response));
        });
    }

    private static Response answer(Request request, Route.Handler handler) {
        try {
            return handler.handle(request);
        } catch (Problem.Refused refused) {
            return refused.problem().response();
        } catch (InterruptedException e) {
            return going();
        } catch (IOException | RuntimeException e) {
            LOG.atError().setCause(e).log("request failed");
            return Problem.of(500, "INTERNAL", "this is a bug, see the control plane's log: " + e)
                    .response();
        }
    }

    private static Response going() {
        return Problem.of(503, "CLOSING", "the control plane is going down").response();
    }

    private static Request request(RoutingContext context) {
        Map<String, String> form = new HashMap<>();
        context.request().formAttributes().forEach(form::put);
        Buffer body = context.body() == null ? null : context.body().buffer();
        var authority = context.request().authority();
        return new Request(
                Map.copyOf(context.pathParams()),
                context.request().getHeader(Request.IDEMPOTENCY_KEY),
                context.request().getHeader(Request.SERVICE_NAME),
                authority == null ? "localhost" : authority.toString(),
                body == null ? Buffer.buffer() : body,
                form,
                context.fileUploads().stream()
                        .map(file ->
                                new Request.File(
                                        file.name(),
                                        file.fileName(),
                                        Path.of(file.uploadedFileName())))
                        .toList());
    }

    private static void requireType(RoutingContext context, String type) {
        String given = context.request().getHeader("Content-Type");
        String bare = given == null ? "" : given.split(";", 2)[0].strip();
        if (bare.equalsIgnoreCase(type)) {
            context.next();
            return;
        }
        send(
                context,
                new Problem(
                                415,
                                "UNSUPPORTED_TYPE",
                                "Content-Type",
                                null,
                                type,
                                "Content-Type: "
                                        + (given == null ? "missing" : given)
                                        + " (expected: "
                                        + type
                                        + ")")
                        .response());
    }

    private static Response failure(RoutingContext context, Route route) {
        int status = context.statusCode();
        if (status == 413) {
            int limit = route.body() == Route.Body.JSON ? JSON_BYTES : MULTIPART_BYTES;
            return Problem.of(413, "TOO_LARGE", "the body has more than " + limit + " bytes")
                    .response();
        }
        if (status >= 400 && status < 500) {
            return Problem.of(status, "BAD_REQUEST", "the request can't be read").response();
        }
        LOG.atError().setCause(context.failure()).log("request failed before it was handled");
        return Problem.of(500, "INTERNAL", "this is a bug, see the control plane's log").response();
    }

    private static void send(RoutingContext context, Response response) {
        if (context.response().ended() || context.response().closed()) {
            return;
        }
        var _ =
                context.response()
                        .setStatusCode(response.status())
                        .putHeader("Content-Type", response.contentType())
                        .end(response.body());
    }
}

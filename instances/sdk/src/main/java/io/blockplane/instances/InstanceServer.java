package io.blockplane.instances;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.prometheus.client.exporter.HTTPServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves an {@link Instance} on 127.0.0.1: blockplane.instance.v1.Instance over gRPC and the HTTP
 * of AIOSv1 instances, with {@code GET /metrics} beside it. {@link #main} makes a process of it.
 */
public final class InstanceServer implements AutoCloseable {

    /** Tasks that wait for a worker; beyond it a task is refused with UNAVAILABLE. */
    public static final int MAX_WAITING = 1024;

    /** The largest message: a packet of 64 MiB and room for what is around it. */
    public static final int MAX_MESSAGE_BYTES = 65 * 1024 * 1024;

    /** How long a server that closes lets tasks finish; then they are cut off. */
    public static final Duration DRAIN_LIMIT = Duration.ofSeconds(20);

    private static final Logger LOG = LoggerFactory.getLogger(InstanceServer.class);
    private static final int EXIT_FAILED = 1;
    private static final int EXIT_USAGE = 2;

    private final Instance instance;
    private final Server grpc;
    private final ManagementEndpoint management;
    private final @Nullable HTTPServer metrics;
    private final ExecutorService handlers;
    private final ExecutorService workers;

    private InstanceServer(
            Instance instance,
            Server grpc,
            ManagementEndpoint management,
            @Nullable HTTPServer metrics,
            ExecutorService handlers,
            ExecutorService workers) {
        this.instance = instance;
        this.grpc = grpc;
        this.management = management;
        this.metrics = metrics;
        this.handlers = handlers;
        this.workers = workers;
    }

    /** Makes an instance, once its command line is known. */
    @FunctionalInterface
    public interface Factory {
        Instance create(InstanceArguments arguments) throws Exception;
    }

    /**
     * Serves when it returns. Closing the server closes the instance.
     *
     * @throws IOException when a port can't be had
     */
    public static InstanceServer start(InstanceArguments arguments, Instance instance)
            throws IOException {
        ExecutorService workers =
                new ThreadPoolExecutor(
                        arguments.threads(),
                        arguments.threads(),
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(MAX_WAITING),
                        Thread.ofPlatform().daemon().name("worker-", 0).factory());
        ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
        LoadGauge load = new LoadGauge();
        InstanceMetrics metrics = new InstanceMetrics(load);
        instance.register(metrics.registry());
        ManagementEndpoint management =
                ManagementEndpoint.start(instance, metrics.registry(), arguments.healthPort());
        HTTPServer metricsServer = null;
        try {
            metricsServer = metrics.serve(arguments.metricsPort());
            Server grpc =
                    NettyServerBuilder.forAddress(
                                    new InetSocketAddress(
                                            InetAddress.getLoopbackAddress(), arguments.grpcPort()))
                            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                            .executor(handlers)
                            .addService(
                                    new ProcessService(arguments, instance, workers, load, metrics))
                            .build()
                            .start();
            return new InstanceServer(instance, grpc, management, metricsServer, handlers, workers);
        } catch (IOException e) {
            management.close();
            if (metricsServer != null) {
                metricsServer.close();
            }
            throw e;
        }
    }

    /**
     * Runs a process: reads the command line, makes the instance, serves, and prints {@code READY
     * grpc=<host:port> health=<url>} on standard output. Ends when standard input does (nobody is
     * left who started it) or on SIGTERM, after finishing what it has within {@link #DRAIN_LIMIT}.
     */
    public static void main(String[] args, Factory factory) {
        main(args, 1, factory);
    }

    /**
     * As {@link #main(String[], Factory)}, for an instance that does many tasks at once.
     *
     * @param threads unless the command line says otherwise
     */
    public static void main(String[] args, int threads, Factory factory) {
        InstanceArguments arguments;
        try {
            arguments = InstanceArguments.parse(List.of(args), threads);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(EXIT_USAGE);
            return;
        }
        InstanceServer server;
        try {
            server = start(arguments, factory.create(arguments));
        } catch (Exception e) {
            LOG.atError()
                    .addKeyValue("instanceId", arguments.instanceId())
                    .setCause(e)
                    .log("instance did not start");
            System.exit(EXIT_FAILED);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "instance-shutdown"));
        Thread.ofPlatform().name("parent-watch").start(InstanceServer::exitWhenInputEnds);
        System.out.println("READY grpc=" + server.target() + " health=" + server.healthUrl());
    }

    /** host:port of the executor's protocol. */
    public String target() {
        return "127.0.0.1:" + grpc.getPort();
    }

    public String healthUrl() {
        return management.url();
    }

    /** Takes nothing new, finishes what it has within {@link #DRAIN_LIMIT}, then ends. */
    @Override
    public void close() {
        try {
            grpc.shutdown();
            if (!grpc.awaitTermination(DRAIN_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.atWarn()
                        .addKeyValue("limit", DRAIN_LIMIT)
                        .log("tasks did not finish in time and are cut off");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            grpc.shutdownNow();
            workers.shutdownNow();
            handlers.shutdownNow();
            management.close();
            if (metrics != null) {
                metrics.close();
            }
            instance.close();
        }
    }

    private static void exitWhenInputEnds() {
        try {
            while (System.in.read() != -1) {
                // Nothing is said to us; only the end matters.
            }
        } catch (IOException e) {
            // The pipe broke: the parent is gone.
        }
        System.exit(0);
    }
}

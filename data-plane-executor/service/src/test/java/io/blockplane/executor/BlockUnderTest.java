package io.blockplane.executor;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Envelope;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.instances.InstanceArguments;
import io.blockplane.instances.InstanceServer;
import io.blockplane.log.LogWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A block whose events a test writes, in the place of the control plane and its drivers. */
final class BlockUnderTest implements AutoCloseable {

    final String id;

    private final LogWriter writer;
    private final Map<String, InstanceServer> servers = new HashMap<>();
    private long version;

    BlockUnderTest(String id, LogWriter writer, SortedMap<String, PolicyBinding> policies)
            throws Exception {
        this(id, writer, policies, Json.EMPTY_OBJECT);
    }

    BlockUnderTest(
            String id,
            LogWriter writer,
            SortedMap<String, PolicyBinding> policies,
            Json initSettings)
            throws Exception {
        this.id = id;
        this.writer = writer;
        write(
                new BlockEvent.BlockCreated(
                        id,
                        next(),
                        new BlockSpec(
                                id,
                                "test:echo",
                                0,
                                9,
                                Json.EMPTY_OBJECT,
                                initSettings,
                                Json.EMPTY_OBJECT,
                                policies)));
    }

    BlockUnderTest(String id, LogWriter writer) throws Exception {
        this(id, writer, new TreeMap<>());
    }

    /** An instance that serves, in this JVM. */
    EchoInstance start(String instanceId, int threads) throws Exception {
        EchoInstance echo = new EchoInstance();
        request(instanceId);
        serve(instanceId, 1, threads, echo);
        return echo;
    }

    void request(String instanceId) throws Exception {
        write(new BlockEvent.InstanceRequested(id, next(), instanceId, 1));
    }

    /** Serves one more run of an instance, and tells. */
    void serve(String instanceId, int generation, int threads, EchoInstance echo) throws Exception {
        InstanceServer server =
                InstanceServer.start(new InstanceArguments(id, instanceId, 0, 0, threads), echo);
        servers.put(instanceId, server);
        ready(
                instanceId,
                generation,
                new InstanceAddress("grpc", server.target(), server.healthUrl()));
    }

    void ready(String instanceId, int generation, InstanceAddress address) throws Exception {
        write(new BlockEvent.InstanceReady(id, next(), instanceId, generation, address));
    }

    void draining(String instanceId) throws Exception {
        write(new BlockEvent.InstanceDraining(id, next(), instanceId));
    }

    void drained(String instanceId) throws Exception {
        write(new BlockEvent.InstanceDrained(id, next(), instanceId));
    }

    void lost(String instanceId, int nextGeneration) throws Exception {
        write(new BlockEvent.InstanceLost(id, next(), instanceId, nextGeneration, 137, null));
    }

    void activate(PolicyBinding binding) throws Exception {
        write(
                new BlockEvent.PolicyActivated(
                        id,
                        next(),
                        "loadBalancer",
                        binding,
                        BlockEvent.ActivationCause.PROPOSED,
                        null,
                        List.of()));
    }

    /** Takes the server away without a word in the log. */
    void stopServer(String instanceId) {
        Objects.requireNonNull(servers.remove(instanceId), instanceId).close();
    }

    @Override
    public void close() {
        servers.values().forEach(InstanceServer::close);
    }

    private long next() {
        return ++version;
    }

    private void write(BlockEvent event) throws Exception {
        writer.append(
                        new Envelope<>(
                                "evt-" + id + "-" + event.version(),
                                "/test",
                                System.currentTimeMillis(),
                                null,
                                null,
                                event))
                .get(60, TimeUnit.SECONDS);
    }
}

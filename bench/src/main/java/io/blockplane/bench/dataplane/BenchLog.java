package io.blockplane.bench.dataplane;

import io.blockplane.broker.BrokerProcess;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyEvent.ArchiveStored;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogScan;
import io.blockplane.log.LogWriter;
import io.blockplane.log.Topics;
import io.blockplane.policy.format.PolicyArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.header.Header;

/** A real broker in a process of its own, and the blocks of the benchmark in its log. */
final class BenchLog implements AutoCloseable {

    /** A round-robin balancer as a user would write it. */
    private static final String PYTHON_BALANCER =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.turn = 0

                def eval(self, parameters, input_data, context):
                    ids = input_data["instances"]
                    self.turn += 1
                    return {"instance_id": ids[self.turn % len(ids)]}
            """;

    private static final String POLICY = "bench-round-robin:1-stable";
    private static final String FINISHED = "blockplane.task-finished.v1";
    private static final int PARTITIONS = 4;

    private final BrokerProcess broker;
    private final Kafka kafka;
    private final LogWriter writer;

    private BenchLog(BrokerProcess broker) {
        this.broker = broker;
        this.kafka = new Kafka(broker.bootstrapServers());
        Topics.ensure(kafka, PARTITIONS, (short) 1);
        this.writer = new LogWriter(kafka, "bench");
    }

    static BenchLog start(Path folder) throws IOException {
        return new BenchLog(
                BrokerProcess.start(folder.resolve("kafka"), 0, folder.resolve("broker.log")));
    }

    Kafka kafka() {
        return kafka;
    }

    ProcessHandle broker() {
        return ProcessHandle.of(broker.pid()).orElseThrow();
    }

    /** A block with one instance that serves, in the place of the control plane. */
    void block(String id, InstanceAddress address, boolean python) throws IOException {
        SortedMap<String, PolicyBinding> policies = new TreeMap<>();
        if (python) {
            PolicyArchive archive = PolicyArchive.ofFunction(PYTHON_BALANCER);
            write(
                    "archive",
                    new ArchiveStored(
                            archive.sha256(),
                            archive.sizeBytes(),
                            Base64.getEncoder().encodeToString(archive.content())));
            write(
                    "policy",
                    new PolicyRegistered(
                            POLICY,
                            archive.sha256(),
                            Json.EMPTY_OBJECT,
                            Json.EMPTY_OBJECT,
                            Json.EMPTY_OBJECT));
            policies.put(
                    "loadBalancer",
                    new PolicyBinding(POLICY, Json.EMPTY_OBJECT, Json.EMPTY_OBJECT));
        }
        Json none = Json.EMPTY_OBJECT;
        BlockSpec spec = new BlockSpec(id, "bench:echo", 0, 9, none, none, none, policies);
        write("evt-" + id + "-1", new BlockEvent.BlockCreated(id, 1, spec));
        write("evt-" + id + "-2", new BlockEvent.InstanceRequested(id, 2, "in-echo", 1));
        write("evt-" + id + "-3", new BlockEvent.InstanceReady(id, 3, "in-echo", 1, address));
    }

    /** Terminal task events of a block. */
    long finished(String block) {
        long[] count = {0};
        LogScan.records(
                kafka,
                Topic.TASKS,
                record -> {
                    Header type = record.headers().lastHeader("ce_type");
                    if (block.equals(record.key())
                            && type != null
                            && FINISHED.equals(new String(type.value(), StandardCharsets.UTF_8))) {
                        count[0]++;
                    }
                });
        return count[0];
    }

    @Override
    public void close() {
        writer.close();
        broker.close();
    }

    private void write(String id, Event event) throws IOException {
        try {
            writer.append(
                            new Envelope<>(
                                    id, "/bench", System.currentTimeMillis(), null, null, event))
                    .get(60, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the log does not take " + id, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}

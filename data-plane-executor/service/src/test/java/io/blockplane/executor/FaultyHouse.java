package io.blockplane.executor;

import io.blockplane.broker.BrokerProcess;
import io.blockplane.log.Kafka;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A broker, two executors and three instances, each a process, which are killed and started again.
 */
final class FaultyHouse implements AutoCloseable {

    static final int EXECUTORS = 2;
    static final int INSTANCES = 3;

    final LogUnderTest log;
    final BlockUnderTest block;
    final AtomicReferenceArray<ExecutorProcess> executors = new AtomicReferenceArray<>(EXECUTORS);

    private final Path dir;
    private final int brokerPort;
    private final List<InstanceProcess> instances = new ArrayList<>();
    private final int[] generations = new int[INSTANCES];
    private BrokerProcess broker;

    FaultyHouse(Path dir) throws Exception {
        this.dir = dir;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.brokerPort = free.getLocalPort();
        }
        this.broker = startBroker();
        this.log = LogUnderTest.on(broker.bootstrapServers());
        this.block = new BlockUnderTest("blk-faults", log.writer);
        for (int i = 0; i < INSTANCES; i++) {
            block.request(name(i));
            instances.add(InstanceProcess.start(block.id, name(i)));
            generations[i] = 1;
            block.ready(name(i), 1, instances.get(i).address());
        }
        for (int i = 0; i < EXECUTORS; i++) {
            executors.set(i, startExecutor(i));
        }
    }

    /** Kills one of them and starts it again; says which. */
    String fault(SplittableRandom random) throws Exception {
        int choice = random.nextInt(EXECUTORS + INSTANCES + 1);
        if (choice < EXECUTORS) {
            executors.get(choice).kill();
            executors.set(choice, startExecutor(choice));
            return "executor " + choice;
        }
        if (choice < EXECUTORS + INSTANCES) {
            int i = choice - EXECUTORS;
            instances.get(i).kill();
            // As the control plane does, when its driver sees it.
            block.lost(name(i), ++generations[i]);
            instances.set(i, InstanceProcess.start(block.id, name(i)));
            block.ready(name(i), generations[i], instances.get(i).address());
            return "instance " + name(i);
        }
        ProcessHandle.of(broker.pid())
                .ifPresent(process -> {
                    process.destroyForcibly();
                    process.onExit().join();
                });
        broker = startBroker();
        return "broker";
    }

    @Override
    public void close() {
        for (int i = 0; i < EXECUTORS; i++) {
            ExecutorProcess executor = executors.get(i);
            if (executor != null) {
                executor.close();
            }
        }
        instances.forEach(InstanceProcess::close);
        block.close();
        log.close();
        broker.close();
    }

    private static String name(int instance) {
        return "in-" + instance;
    }

    private BrokerProcess startBroker() throws Exception {
        return BrokerProcess.start(dir.resolve("broker"), brokerPort, dir.resolve("broker.log"));
    }

    private ExecutorProcess startExecutor(int i) throws Exception {
        return ExecutorProcess.start(
                new Kafka("127.0.0.1:" + brokerPort),
                "exec-" + i,
                dir.resolve("executor-" + i + ".log"));
    }
}

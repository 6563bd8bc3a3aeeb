package io.blockplane.bench.dataplane;

import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Topic;
import io.blockplane.load.LoadClient;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** A way from {@code infer} to an output that is read, with its processes and what they cost. */
final class Pipeline implements AutoCloseable {

    private static final String BLOCK = "pipeline";
    private static final List<String> PYTHON_FILES =
            List.of("packet.py", "proxy.py", "executor.py", "instance.py");

    private final String name;
    private final EndToEnd sender;
    private final Map<String, ProcessHandle> processes;
    private final List<AutoCloseable> parts;

    private Pipeline(
            String name,
            EndToEnd sender,
            Map<String, ProcessHandle> processes,
            List<AutoCloseable> parts) {
        this.name = name;
        this.sender = sender;
        this.processes = processes;
        this.parts = parts;
    }

    String name() {
        return name;
    }

    EndToEnd sender() {
        return sender;
    }

    /** CPU so far by process; the client and the reader of outputs are not among them. */
    Map<String, Duration> cpu() {
        Map<String, Duration> cpu = new TreeMap<>();
        processes.forEach((process, handle) -> cpu.put(process, Child.cpu(handle)));
        return cpu;
    }

    @Override
    public void close() throws IOException {
        Child.closeAll(parts);
    }

    /** Ours: broker, executor, one echo instance. */
    static Pipeline blockplane(Path folder) throws IOException, InterruptedException {
        List<AutoCloseable> parts = new ArrayList<>();
        List<String> jvm = List.of("-Xmx512m", "-XX:+UseSerialGC");
        BenchLog log = BenchLog.start(folder);
        parts.add(log);
        Child.Started echo = Child.java(folder.resolve("echo.log"), jvm, EchoBackend.class);
        parts.add(echo.child());
        String[] address = echo.ready().split(" ", -1);
        log.block(BLOCK, new InstanceAddress("grpc", address[0], address[1]), /* python= */ false);
        Child.Started executor =
                Child.java(
                        folder.resolve("executor.log"),
                        jvm,
                        BenchExecutor.class,
                        log.kafka().bootstrapServers(),
                        "pipeline",
                        "events");
        parts.add(executor.child());
        LoadClient client = new LoadClient(executor.ready(), BLOCK, LoadClient.Method.INFER, 1);
        parts.add(client);
        EndToEnd sender = new EndToEnd(client);
        KafkaConsumer<String, byte[]> outputs = log.kafka().consumer("bench-outputs");
        List<TopicPartition> partitions =
                outputs.partitionsFor(Topic.OUTPUTS.topicName()).stream()
                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                        .toList();
        outputs.assign(partitions);
        outputs.seekToEnd(partitions);
        partitions.forEach(outputs::position);
        CountDownLatch stop = new CountDownLatch(1);
        Thread reader =
                Thread.ofPlatform()
                        .name("outputs")
                        .daemon()
                        .start(() -> {
                            try (outputs) {
                                while (stop.getCount() > 0) {
                                    outputs.poll(Duration.ofMillis(50))
                                            .forEach(record -> sender.output(record.value()));
                                }
                            }
                        });
        parts.add(() -> {
            stop.countDown();
            reader.join();
        });
        return new Pipeline(
                "blockplane",
                sender,
                Map.of(
                        "broker",
                        log.broker(),
                        "executor",
                        executor.child().handle(),
                        "instance",
                        echo.child().handle()),
                parts);
    }

    /** The reference's shape: a gRPC proxy, an executor, an instance in Python, Redis between. */
    static Pipeline reference(String redis, String python, Path folder)
            throws IOException, InterruptedException {
        List<AutoCloseable> parts = new ArrayList<>();
        Files.createDirectories(folder);
        int redisPort = Child.freePort();
        Child server =
                Child.program(
                        folder.resolve("redis.log"),
                        redisPort,
                        List.of(
                                redis,
                                "--port",
                                Integer.toString(redisPort),
                                "--bind",
                                "127.0.0.1",
                                "--dir",
                                folder.toString()));
        parts.add(server);
        for (String file : PYTHON_FILES) {
            try (InputStream in = Pipeline.class.getResourceAsStream(file)) {
                if (in == null) {
                    throw new IOException(file + " is not on the class path");
                }
                Files.write(folder.resolve(file), in.readAllBytes());
            }
        }
        int port = Child.freePort();
        String at = Integer.toString(redisPort);
        Child proxy = python(python, folder, "proxy.py", port, at, Integer.toString(port));
        parts.add(proxy);
        Child executor = python(python, folder, "executor.py", 0, at, BLOCK);
        parts.add(executor);
        Child instance = python(python, folder, "instance.py", 0, at, BLOCK);
        parts.add(instance);
        LoadClient client = new LoadClient("127.0.0.1:" + port, BLOCK, LoadClient.Method.INFER, 1);
        parts.add(client);
        EndToEnd sender = new EndToEnd(client);
        parts.add(popOutputs(redisPort, sender));
        return new Pipeline(
                "python and redis",
                sender,
                Map.of(
                        "redis",
                        server.handle(),
                        "proxy",
                        proxy.handle(),
                        "executor",
                        executor.handle(),
                        "instance",
                        instance.handle()),
                parts);
    }

    private static Child python(String python, Path folder, String file, int port, String... args)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(python, folder.resolve(file).toString()));
        command.addAll(List.of(args));
        return Child.program(folder.resolve(file + ".log"), port, command);
    }

    /** BRPOP OUTPUT, again and again, on a connection of its own. */
    private static AutoCloseable popOutputs(int redisPort, EndToEnd sender) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), redisPort);
        socket.setTcpNoDelay(true);
        Thread reader =
                Thread.ofPlatform()
                        .name("outputs")
                        .daemon()
                        .unstarted(() -> {
                            try {
                                pop(socket, sender);
                            } catch (SocketException e) {
                                // Closed: the end.
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        });
        reader.start();
        return () -> {
            socket.close();
            reader.join();
        };
    }

    private static void pop(Socket socket, EndToEnd sender) throws IOException {
        OutputStream out = socket.getOutputStream();
        DataInputStream in =
                new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        byte[] command = "BRPOP OUTPUT 0\r\n".getBytes(StandardCharsets.US_ASCII);
        while (true) {
            out.write(command);
            // *2, then the key, then the value.
            if (!line(in).equals("*2")) {
                return;
            }
            bulk(in);
            sender.output(bulk(in));
        }
    }

    private static byte[] bulk(DataInputStream in) throws IOException {
        byte[] value = new byte[Integer.parseInt(line(in).substring(1))];
        in.readFully(value);
        line(in);
        return value;
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new SocketException("Redis closed the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}

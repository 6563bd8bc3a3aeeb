package io.blockplane.broker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * {@code BrokerMain <data folder> <port>}: runs a node, prints {@code READY <bootstrap servers>} on
 * standard output, and ends when its standard input does, so that no broker outlives the process
 * that started it.
 */
public final class BrokerMain {

    private static final String LOCK_FILE = "broker.lock";

    private BrokerMain() {}

    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            System.err.println("usage: BrokerMain <data folder> <port>");
            System.exit(2);
        }
        Path dataDir = Path.of(args[0]);
        Files.createDirectories(dataDir);
        try (FileChannel channel =
                FileChannel.open(
                        dataDir.resolve(LOCK_FILE),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE)) {
            // The broker of a system that was killed may still be writing: wait for its end.
            channel.lock();
            serve(dataDir, Integer.parseInt(args[1]));
        }
    }

    private static void serve(Path dataDir, int port) throws IOException {
        KafkaNode node = KafkaNode.start(dataDir, port);
        Runtime.getRuntime().addShutdownHook(new Thread(node::close, "broker-shutdown"));
        System.out.println("READY " + node.bootstrapServers());
        Thread parentWatch = new Thread(BrokerMain::exitWhenInputEnds, "parent-watch");
        parentWatch.setDaemon(true);
        parentWatch.start();
        node.awaitShutdown();
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

package io.blockplane.cli;

import io.blockplane.cli.client.ApiClient;
import io.blockplane.cli.client.Endpoints;
import io.blockplane.log.Kafka;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options that say which system a command talks to. By default the one that {@code up} runs
 * from this folder.
 */
final class Connection {

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description =
                    "The data folder of a running 'up' (default: .blockplane beside the launcher).")
    @Nullable Path data;

    @Option(names = "--api", paramLabel = "URL", description = "The management API, instead.")
    @Nullable String api;

    @Option(names = "--grpc", paramLabel = "HOST:PORT", description = "Inference, instead.")
    @Nullable String grpc;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "The Kafka cluster, instead.")
    @Nullable String bootstrapServers;

    ApiClient api() throws IOException {
        return new ApiClient(api != null ? api : endpoints().rest());
    }

    String grpc() throws IOException {
        return grpc != null ? grpc : endpoints().grpc();
    }

    Kafka kafka() throws IOException {
        return new Kafka(
                bootstrapServers != null ? bootstrapServers : endpoints().bootstrapServers());
    }

    /** The data folder: as given, or the default. */
    static Path dataDir(@Nullable Path given) {
        return given != null
                ? given.toAbsolutePath()
                : Path.of(System.getProperty("blockplane.root", "."), ".blockplane")
                        .toAbsolutePath()
                        .normalize();
    }

    private Endpoints endpoints() throws IOException {
        Path folder = dataDir(data);
        return Endpoints.read(folder)
                .orElseThrow(() ->
                        new IOException(
                                "no system is running with data folder "
                                        + folder
                                        + " (start one with './blockplane up', or name one"
                                        + " with --data, --api, --grpc or"
                                        + " --bootstrap-servers)"));
    }
}

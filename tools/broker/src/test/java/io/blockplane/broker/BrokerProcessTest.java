package io.blockplane.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerProcessTest {

    @TempDir Path folder;

    @Test
    void aSecondBrokerOnTheSameFolderWaitsForTheEndOfTheFirst() throws Exception {
        BrokerProcess first = BrokerProcess.start(folder, 0, folder.resolve("first.log"));
        String cluster = clusterId(first);
        CompletableFuture<BrokerProcess> second =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return BrokerProcess.start(folder, 0, folder.resolve("second.log"));
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
        assertThat(second).isNotDone();
        first.close();
        try (BrokerProcess running = second.get(2, TimeUnit.MINUTES)) {
            assertThat(clusterId(running)).isEqualTo(cluster);
            assertThat(ProcessHandle.of(first.pid())).isEmpty();
        }
    }

    @Test
    void saysWhereToLookWhenTheBrokerDoesNotStart() throws IOException {
        Files.writeString(folder.resolve("kafka"), "no folder");
        assertThatThrownBy(() -> BrokerProcess.start(folder, 0, folder.resolve("broker.log")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broker.log");
    }

    private static String clusterId(BrokerProcess broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            return admin.describeCluster().clusterId().get(60, TimeUnit.SECONDS);
        }
    }
}

package io.blockplane.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.instance.v1.InstanceGrpc;
import io.blockplane.proto.instance.v1.ProcessRequest;
import io.blockplane.proto.instance.v1.ProcessResponse;
import io.blockplane.proto.instance.v1.Usage;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** An instance as the process that a driver starts. */
class InstanceProcessTest {

    private static final Pattern READY =
            Pattern.compile(
                    "READY grpc=(127\\.0\\.0\\.1:\\d+) health=http://127\\.0\\.0\\.1:\\d+/health");

    @Test
    void endsWhenItsStandardInputDoes() throws Exception {
        try (Child child = Child.start("--block", "b", "--instance", "i")) {
            readyTarget(child);
            child.process.getOutputStream().close();

            assertThat(child.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(child.process.exitValue()).isZero();
        }
    }

    @Test
    void finishesItsTasksOnSigterm() throws Exception {
        try (Child child = Child.start("--block", "b", "--instance", "i")) {
            ManagedChannel channel =
                    NettyChannelBuilder.forTarget(readyTarget(child)).usePlaintext().build();
            var stub = InstanceGrpc.newFutureStub(channel);
            stub.process(request("x")).get(60, TimeUnit.SECONDS);
            var slow = stub.process(request("slow"));
            var next = stub.process(request("x"));
            // A refusal comes at once: when it is here, the two before it are inside.
            var refused = stub.process(request("x").toBuilder().setBlockId("other").build());
            assertThatThrownBy(() -> refused.get(60, TimeUnit.SECONDS))
                    .hasMessageContaining("UNAVAILABLE");
            child.process.toHandle().destroy();

            assertThat(slow.get(60, TimeUnit.SECONDS)).isEqualTo(answer("slow", "SLOW"));
            assertThat(next.get(60, TimeUnit.SECONDS)).isEqualTo(answer("x", "X"));
            assertThat(child.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            channel.shutdownNow();
        }
    }

    @Test
    void refusesABadCommandLineWithExitTwo() throws Exception {
        try (Child child = Child.start("--block", "b", "--instanse", "i")) {
            assertThat(child.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(child.process.exitValue()).isEqualTo(2);
            assertThat(child.process.errorReader(StandardCharsets.UTF_8).readLine())
                    .startsWith("option: --instanse (expected: --block <id>");
        }
    }

    private record Child(Process process) implements AutoCloseable {
        static Child start(String... args) throws IOException {
            List<String> command =
                    new ArrayList<>(
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-XX:TieredStopAtLevel=1",
                                    "--enable-native-access=ALL-UNNAMED",
                                    "--sun-misc-unsafe-memory-access=allow",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    UpperCaseInstance.class.getName()));
            command.addAll(List.of(args));
            command.addAll(List.of("--grpc-port", "0", "--health-port", "0"));
            return new Child(new ProcessBuilder(command).start());
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }

    private static String readyTarget(Child child) throws IOException {
        BufferedReader output = child.process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.matches()) {
                return ready.group(1);
            }
        }
        throw new AssertionError("the process ended without a READY line");
    }

    private static ProcessRequest request(String data) {
        return ProcessRequest.newBuilder()
                .setBlockId("b")
                .setPacket(AIOSPacket.newBuilder().setSessionId("s").setData(data))
                .build();
    }

    private static ProcessResponse answer(String data, String output) {
        ProcessRequest request = request(data);
        return ProcessResponse.newBuilder()
                .setPacket(request.getPacket().toBuilder().setData(output))
                .setUsage(Usage.newBuilder().setInputTokens(3).setOutputTokens(2))
                .build();
    }
}

package io.blockplane.cli;

import io.blockplane.cli.client.InferenceClient;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code infer}: one request. */
@Command(
        name = "infer",
        description = "Sends one packet to a block and prints the answer.",
        mixinStandardHelpOptions = true)
final class InferCommand implements Callable<Integer> {

    @Mixin private Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "BLOCK", description = "The block's id.")
    private String blockId = "";

    @Parameters(
            index = "1",
            paramLabel = "DATA",
            description = "The packet's data, such as '{\"texts\":[\"hello\"]}'.")
    private String data = "";

    @Option(names = "--session", description = "Session id (default: a fresh one).")
    private @Nullable String session;

    @Option(names = "--seq", description = "Sequence number (default: ${DEFAULT-VALUE}).")
    private long sequenceNumber = 1;

    @Option(
            names = "--durable",
            description =
                    "Hand it over by 'infer': durable, the result goes to blockplane.outputs.")
    private boolean durable;

    @Option(names = "--timeout", paramLabel = "MS", description = "Default: ${DEFAULT-VALUE}.")
    private long timeoutMs = 30_000;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        AIOSPacket packet =
                AIOSPacket.newBuilder()
                        .setSessionId(
                                session != null ? session : "cli-" + System.currentTimeMillis())
                        .setSeqNo(sequenceNumber)
                        .setData(data)
                        .setTs(System.currentTimeMillis() / 1000.0)
                        .build();
        try (InferenceClient client = new InferenceClient(connection.grpc(), blockId)) {
            if (durable) {
                System.out.println(client.infer(packet, timeoutMs).get());
            } else {
                PredictResponse answer = client.predict(packet, timeoutMs).get();
                System.out.println(answer.getPacket().getData());
                System.err.printf(
                        "answered by %s, %d tokens in, %d out%n",
                        answer.getInstanceId(), answer.getInputTokens(), answer.getOutputTokens());
            }
        }
        return 0;
    }
}

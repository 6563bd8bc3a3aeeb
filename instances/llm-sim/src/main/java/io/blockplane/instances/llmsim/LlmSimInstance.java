package io.blockplane.instances.llmsim;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.instances.BlockInstance;
import io.blockplane.instances.InstanceServer;
import io.blockplane.instances.Pieces;
import io.blockplane.instances.Preprocessed;
import io.blockplane.instances.Result;
import io.blockplane.llm.LlmEngine;
import io.blockplane.proto.aios.AIOSPacket;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;
import java.io.IOException;
import java.util.SplittableRandom;

/**
 * A simulated LLM. The packet's data goes from
 *
 * <pre>{"prompt": "...", "max_tokens": 100}   or   {"messages": [{"content": "..."}], ...}</pre>
 *
 * to
 *
 * <pre>{"model": "llm-sim: a simulation of formula-8b/no-gpu/1", "simulation": true,
 * "text": "...", "usage": {"input_tokens": 12, "output_tokens": 100}}</pre>
 *
 * a token being a word. As a stream it is the text alone, a piece a token, in the rhythm of the
 * model. The same prompt and seed give the same words; times follow {@link LlmEngine}.
 */
public final class LlmSimInstance extends BlockInstance<LlmSimRequest> {

    /** Requests inside at once: those that run and those that wait for a place in the batch. */
    static final int THREADS = 256;

    private static final JsonMapper JSON = new JsonMapper();
    private static final String[] WORDS = {
        "simulated", "words", "follow", "one", "another", "as", "a", "model", "would", "write"
    };

    private final LlmSimSettings settings;
    private final RealTimeEngine engine;
    private final Histogram firstToken =
            Histogram.build("llm_time_to_first_token_seconds", "Seconds until the first token.")
                    .create();
    private final Counter read = Counter.build("llm_prompt_tokens", "Tokens read.").create();
    private final Counter wrote = Counter.build("llm_tokens_generated", "Tokens written.").create();

    LlmSimInstance(LlmSimSettings settings) {
        this.settings = settings;
        this.engine = new RealTimeEngine(settings);
    }

    /** Runs the instance as a process, see {@link InstanceServer#main}. */
    public static void main(String[] args) {
        InstanceServer.main(args, THREADS, arguments -> load(arguments.settings()));
    }

    /**
     * Makes one.
     *
     * @param settings a JSON object, see {@link LlmSimSettings}
     */
    public static LlmSimInstance load(String settings) throws IOException {
        return new LlmSimInstance(LlmSimSettings.parse(settings));
    }

    @Override
    protected Preprocessed<LlmSimRequest> onPreprocess(AIOSPacket packet) {
        return LlmSimRequest.parse(packet.getData(), settings);
    }

    @Override
    protected Result onData(LlmSimRequest request, Pieces pieces) {
        SplittableRandom words =
                new SplittableRandom(settings.seed() + request.prompt().hashCode());
        long begun = System.nanoTime();
        int written = 0;
        try (RealTimeEngine.Run run =
                engine.begin(request.promptTokens(), request.outputTokens())) {
            while (run.awaitToken()) {
                String word = (written == 0 ? "" : " ") + WORDS[words.nextInt(WORDS.length)];
                if (written++ == 0) {
                    firstToken.observe((System.nanoTime() - begun) / 1e9);
                }
                if (!pieces.send(word)) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        read.inc(request.promptTokens());
        wrote.inc(written);
        return new Result.Output("", request.promptTokens(), written);
    }

    @Override
    protected String whole(String pieces, Result.Output output) {
        ObjectNode answer = JSON.createObjectNode();
        answer.put("model", "llm-sim: a simulation of " + settings.times().setup());
        answer.put("simulation", true).put("text", pieces);
        answer.putObject("usage")
                .put("input_tokens", output.inputTokens())
                .put("output_tokens", output.outputTokens());
        return answer.toString();
    }

    @Override
    public void register(CollectorRegistry metrics) {
        metrics.register(firstToken);
        metrics.register(read);
        metrics.register(wrote);
    }

    @Override
    public void close() {
        engine.close();
    }
}

package io.blockplane.instances.embedding;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.blockplane.instances.BlockInstance;
import io.blockplane.instances.InstanceServer;
import io.blockplane.instances.Pieces;
import io.blockplane.instances.Preprocessed;
import io.blockplane.instances.Result;
import io.blockplane.proto.aios.AIOSPacket;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/**
 * Texts to vectors. The packet's data goes from
 *
 * <pre>{"texts": ["first", "second"]}</pre>
 *
 * to
 *
 * <pre>{"embeddings": [[...384 numbers...], [...]], "model": "all-MiniLM-L6-v2",
 * "usage": {"input_tokens": 6}}</pre>
 *
 * in the order of the texts. Input tokens are what the model read: the tokenizer's tokens without
 * padding, the two special ones ([CLS], [SEP]) counted once for each text, or for each window of
 * 510 tokens of a text longer than the model can read at once. Such a text is read window by
 * window; its vector is the weighted mean, and nothing of it is cut off. Output tokens are 0: the
 * model writes none.
 */
public final class EmbeddingInstance extends BlockInstance<EmbeddingRequest> {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String WARM_UP = "The first run of a model takes longer than the others.";

    private final MiniLm model;

    private EmbeddingInstance(MiniLm model) {
        this.model = model;
    }

    /** Runs the instance as a process, see {@link InstanceServer#main}. */
    public static void main(String[] args) {
        InstanceServer.main(args, _ -> load());
    }

    /**
     * Loads the model, and runs it once so that the first task is not slower than the others.
     *
     * @throws IOException when the model is not on the class path
     */
    public static EmbeddingInstance load() throws IOException {
        MiniLm model = MiniLm.load();
        model.embed(WARM_UP);
        return new EmbeddingInstance(model);
    }

    @Override
    protected Preprocessed<EmbeddingRequest> onPreprocess(AIOSPacket packet) {
        return EmbeddingRequest.parse(packet.getData());
    }

    @Override
    protected Result onData(EmbeddingRequest request, Pieces pieces) {
        return embed(request);
    }

    @Override
    public void close() {
        model.close();
    }

    private Result embed(EmbeddingRequest request) {
        StringWriter data = new StringWriter();
        long tokens = 0;
        try (JsonGenerator json = JSON.createGenerator(data)) {
            json.writeStartObject();
            json.writeArrayFieldStart("embeddings");
            for (String text : request.texts()) {
                MiniLm.Embedded embedded = model.embed(text);
                tokens += embedded.tokens();
                json.writeStartArray();
                for (float x : embedded.vector()) {
                    json.writeNumber(x);
                }
                json.writeEndArray();
            }
            json.writeEndArray();
            json.writeStringField("model", MiniLm.NAME);
            json.writeObjectFieldStart("usage");
            json.writeNumberField("input_tokens", tokens);
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return new Result.Output(data.toString(), tokens, 0);
    }
}

package io.blockplane.instances.embedding;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Map;

/**
 * The model all-MiniLM-L6-v2: a text to a vector of length one. Thread safe; each call computes on
 * its caller's thread alone, and the vector of a text does not depend on what else is computed.
 *
 * <ol>
 *   <li>The model's own WordPiece tokenizer cuts the text into tokens.
 *   <li>The model reads at most {@value #MAX_WINDOW_TOKENS} of them at once, between [CLS] and
 *       [SEP]. A longer text is read in consecutive windows, cut between words where one ends;
 *       nothing of it is left out.
 *   <li>The vectors of all tokens of a window, [CLS] and [SEP] included, are averaged.
 *   <li>The windows' vectors are averaged, weighted by their tokens, and the result is brought to
 *       length one.
 * </ol>
 */
final class MiniLm implements AutoCloseable {

    static final String NAME = "all-MiniLM-L6-v2";

    /** Numbers in a vector. */
    static final int DIMENSIONS = 384;

    /** Tokens of text that the model reads at once: 512 positions less [CLS] and [SEP]. */
    static final int MAX_WINDOW_TOKENS = 510;

    private static final String MODEL = "/all-minilm-l6-v2.onnx";
    private static final String TOKENIZER = "/all-minilm-l6-v2-tokenizer.json";
    private static final int SPECIAL_TOKENS = 2;

    private final HuggingFaceTokenizer tokenizer;
    private final OrtSession session;

    private MiniLm(HuggingFaceTokenizer tokenizer, OrtSession session) {
        this.tokenizer = tokenizer;
        this.session = session;
    }

    /**
     * A text's vector and what it took to compute it.
     *
     * @param vector of {@link #DIMENSIONS} numbers
     * @param tokens that the model read, [CLS] and [SEP] of each window included, without padding
     */
    @SuppressWarnings("ArrayRecordComponent") // Made here, read once; never compared.
    record Embedded(float[] vector, int tokens) {}

    /**
     * Loads model and tokenizer from the class path.
     *
     * @throws IOException when one is not there or can't be read
     */
    static MiniLm load() throws IOException {
        // The tokenizer's library would ask the network where it runs (EC2 metadata) at its start.
        System.setProperty("ai.djl.offline", "true");
        try (InputStream model = resource(MODEL);
                InputStream vocabulary = resource(TOKENIZER);
                OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            // Many instances share a machine: parallel are tasks, not the inside of one.
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            OrtSession session =
                    OrtEnvironment.getEnvironment().createSession(model.readAllBytes(), options);
            HuggingFaceTokenizer tokenizer =
                    HuggingFaceTokenizer.newInstance(
                            vocabulary, Map.of("padding", "false", "truncation", "false"));
            return new MiniLm(tokenizer, session);
        } catch (OrtException e) {
            throw new IOException("can't load " + MODEL, e);
        }
    }

    Embedded embed(String text) {
        Encoding encoding = tokenizer.encode(text);
        long[] ids = encoding.getIds();
        long[] words = encoding.getWordIds();
        int end = ids.length - 1;
        float[] sum = new float[DIMENSIONS];
        int tokens = 0;
        int from = 1;
        do {
            int to = windowEnd(words, from, end);
            addMeanOf(window(ids, from, to), Math.max(1, to - from), sum);
            tokens += to - from + SPECIAL_TOKENS;
            from = to;
        } while (from < end);
        return new Embedded(toLengthOne(sum), tokens);
    }

    @Override
    public void close() {
        tokenizer.close();
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("can't close the model", e);
        }
    }

    /**
     * Where the window that starts at {@code from} ends: at a word's end unless it has only one.
     */
    private static int windowEnd(long[] words, int from, int end) {
        if (end - from <= MAX_WINDOW_TOKENS) {
            return end;
        }
        int cut = from + MAX_WINDOW_TOKENS;
        int to = cut;
        while (to > from && words[to] == words[to - 1]) {
            to--;
        }
        return to == from ? cut : to;
    }

    private static long[] window(long[] ids, int from, int to) {
        long[] window = new long[to - from + SPECIAL_TOKENS];
        window[0] = ids[0];
        System.arraycopy(ids, from, window, 1, to - from);
        window[window.length - 1] = ids[ids.length - 1];
        return window;
    }

    /** Adds the mean of the window's token vectors, times the weight. */
    private void addMeanOf(long[] window, int weight, float[] sum) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        long[] shape = {1, window.length};
        long[] ones = new long[window.length];
        Arrays.fill(ones, 1);
        LongBuffer zeros = LongBuffer.allocate(window.length);
        try (OnnxTensor ids = OnnxTensor.createTensor(environment, LongBuffer.wrap(window), shape);
                OnnxTensor mask =
                        OnnxTensor.createTensor(environment, LongBuffer.wrap(ones), shape);
                OnnxTensor types = OnnxTensor.createTensor(environment, zeros, shape);
                OrtSession.Result result =
                        session.run(
                                Map.of(
                                        "input_ids", ids,
                                        "attention_mask", mask,
                                        "token_type_ids", types))) {
            FloatBuffer vectors = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float share = (float) weight / window.length;
            for (int token = 0; token < window.length; token++) {
                for (int i = 0; i < DIMENSIONS; i++) {
                    sum[i] += vectors.get() * share;
                }
            }
        } catch (OrtException e) {
            throw new IllegalStateException("the model failed on " + window.length + " tokens", e);
        }
    }

    private static float[] toLengthOne(float[] vector) {
        double squares = 0;
        for (float x : vector) {
            squares += (double) x * x;
        }
        float scale = (float) (1 / Math.sqrt(squares));
        float[] unit = new float[vector.length];
        for (int i = 0; i < vector.length; i++) {
            unit[i] = vector[i] * scale;
        }
        return unit;
    }

    private static InputStream resource(String name) throws IOException {
        InputStream stream = MiniLm.class.getResourceAsStream(name);
        if (stream == null) {
            throw new FileNotFoundException(name + " is not on the class path");
        }
        return stream;
    }
}

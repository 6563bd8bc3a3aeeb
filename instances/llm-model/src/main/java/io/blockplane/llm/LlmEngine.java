package io.blockplane.llm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One LLM server that batches continuously, in steps:
 *
 * <ol>
 *   <li>Requests that wait come in, oldest first, while the batch has a place and the cache has
 *       room for the prompt and all that the request may write (so nothing is ever thrown out
 *       again).
 *   <li>If any came in, the step is their prefill: each writes its first token at its end; those
 *       that were there wait meanwhile.
 *   <li>Else the step is a decode: each sequence writes one token.
 * </ol>
 *
 * Time is what {@link #step} says it takes; nothing here waits. The same requests in the same order
 * between the same steps, and the same seed, give the same times. Not thread safe.
 *
 * @param <R> what the caller knows a request by
 */
public final class LlmEngine<R> {

    private final ServiceTimes times;
    private final Limits limits;
    private final SplittableRandom random;
    private final ArrayDeque<Sequence<R>> waiting = new ArrayDeque<>();
    private final List<Sequence<R>> running = new ArrayList<>();
    private long reservedTokens;
    private long contextTokens;

    /**
     * What a server has room for.
     *
     * @param batch sequences at once
     * @param cacheTokens of all sequences in the key-value cache
     * @param waiting requests that wait; a further one is refused
     * @param jitter relative standard deviation of a step's time; 0 for none
     */
    public record Limits(int batch, long cacheTokens, int waiting, double jitter) {

        public static final Limits DEFAULT = new Limits(64, 120_000, 1024, 0.02);

        public Limits {
            require("batch", batch, 1);
            require("cacheTokens", cacheTokens, 2);
            require("waiting", waiting, 0);
            if (!(jitter >= 0 && jitter < 1)) {
                throw new IllegalArgumentException(
                        "jitter: " + jitter + " (expected: 0 to less than 1)");
            }
        }

        private static void require(String field, long value, long least) {
            if (value < least) {
                throw new IllegalArgumentException(
                        "%s: %d (expected: >= %d)".formatted(field, value, least));
            }
        }
    }

    /** What became of an offer. */
    public enum Offer {
        TAKEN,
        /** Too many wait. */
        FULL,
        /** More tokens than the cache has: it can never run here. */
        TOO_LARGE
    }

    /**
     * One step.
     *
     * @param ms that it takes
     * @param wrote requests that have one more token at its end, in the order of their arrival
     * @param ended those of them that are done
     */
    public record Step<R>(double ms, List<R> wrote, List<R> ended) {}

    private static final class Sequence<R> {
        private final R request;
        private final int promptTokens;
        private final int outputTokens;
        private int written;

        Sequence(R request, int promptTokens, int outputTokens) {
            this.request = request;
            this.promptTokens = promptTokens;
            this.outputTokens = outputTokens;
        }

        long reserved() {
            return (long) promptTokens + outputTokens;
        }
    }

    public LlmEngine(ServiceTimes times, Limits limits, long seed) {
        this.times = times;
        this.limits = limits;
        this.random = new SplittableRandom(seed);
    }

    /** Takes a request that reads and writes so many tokens, each at least 1. */
    public Offer offer(R request, int promptTokens, int outputTokens) {
        if (promptTokens < 1 || outputTokens < 1) {
            throw new IllegalArgumentException(
                    "tokens: %d in, %d out (expected: >= 1)".formatted(promptTokens, outputTokens));
        }
        Sequence<R> sequence = new Sequence<>(request, promptTokens, outputTokens);
        if (sequence.reserved() > limits.cacheTokens()) {
            return Offer.TOO_LARGE;
        }
        if (waiting.size() >= limits.waiting() && !fits(sequence)) {
            return Offer.FULL;
        }
        waiting.add(sequence);
        return Offer.TAKEN;
    }

    /** Gives a request up, wherever it is. */
    public void cancel(R request) {
        waiting.removeIf(s -> s.request.equals(request));
        for (Iterator<Sequence<R>> all = running.iterator(); all.hasNext(); ) {
            Sequence<R> sequence = all.next();
            if (sequence.request.equals(request)) {
                all.remove();
                release(sequence);
            }
        }
    }

    /** Takes one step; null when there is nothing to do. */
    public @Nullable Step<R> step() {
        List<Sequence<R>> admitted = admit();
        if (!admitted.isEmpty()) {
            long tokens = admitted.stream().mapToLong(s -> s.promptTokens).sum();
            return written(admitted, times.prefillMs((double) tokens));
        }
        if (running.isEmpty()) {
            return null;
        }
        return written(
                List.copyOf(running), times.decodeMs(running.size(), (double) contextTokens));
    }

    /** Sequences in the batch. */
    public int running() {
        return running.size();
    }

    public int waiting() {
        return waiting.size();
    }

    /** Tokens in the cache. */
    public long contextTokens() {
        return contextTokens;
    }

    private List<Sequence<R>> admit() {
        List<Sequence<R>> admitted = new ArrayList<>();
        for (Sequence<R> next = waiting.peek();
                next != null && running.size() < limits.batch() && hasRoom(next);
                next = waiting.peek()) {
            waiting.remove();
            running.add(next);
            admitted.add(next);
            reservedTokens += next.reserved();
            contextTokens += next.promptTokens;
        }
        return admitted;
    }

    private boolean fits(Sequence<R> sequence) {
        return waiting.isEmpty() && running.size() < limits.batch() && hasRoom(sequence);
    }

    private boolean hasRoom(Sequence<R> sequence) {
        return reservedTokens + sequence.reserved() <= limits.cacheTokens();
    }

    private Step<R> written(List<Sequence<R>> sequences, double ms) {
        List<R> wrote = new ArrayList<>(sequences.size());
        List<R> ended = new ArrayList<>();
        for (Sequence<R> sequence : sequences) {
            wrote.add(sequence.request);
            sequence.written++;
            contextTokens++;
            if (sequence.written == sequence.outputTokens) {
                ended.add(sequence.request);
                running.remove(sequence);
                release(sequence);
            }
        }
        return new Step<>(ms * noise(), wrote, ended);
    }

    private void release(Sequence<R> sequence) {
        reservedTokens -= sequence.reserved();
        contextTokens -= sequence.promptTokens + sequence.written;
    }

    private double noise() {
        return limits.jitter() == 0
                ? 1
                : Math.max(0.1, 1 + limits.jitter() * random.nextGaussian());
    }
}

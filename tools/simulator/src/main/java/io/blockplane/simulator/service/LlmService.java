package io.blockplane.simulator.service;

import io.blockplane.llm.LlmEngine;
import io.blockplane.llm.LlmEngine.Limits;
import io.blockplane.llm.ServiceTimes;
import io.blockplane.simulator.Chance;
import io.blockplane.simulator.workload.Request;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Language models that batch continuously: the engine that {@code llm-sim} runs in real time, here
 * in virtual time.
 *
 * @param speed 10 is ten times as fast as the times say
 * @param overheadMs from the last token to the answer's arrival: connection and process
 * @param fit how the times were found and how far they are off, in words
 */
public record LlmService(
        ServiceTimes times, Limits limits, double speed, double overheadMs, String fit)
        implements ServiceModel {

    private static final double NANOS_PER_MS = 1e6;

    /** Sequences in the batch of an instance that is used well: for estimates of demand. */
    private static final int TYPICAL_BATCH = 8;

    public LlmService {
        if (!(speed > 0)) {
            throw new IllegalArgumentException("speed: " + speed + " (expected: > 0)");
        }
        if (!(overheadMs >= 0)) {
            throw new IllegalArgumentException("overheadMs: " + overheadMs + " (expected: >= 0)");
        }
    }

    @Override
    public String description() {
        return "batching LLM engine, %s, batch %d, cache %d tokens, speed %s, %.1f ms beside; %s"
                .formatted(
                        times.setup(),
                        limits.batch(),
                        limits.cacheTokens(),
                        speed,
                        overheadMs,
                        fit);
    }

    @Override
    public Server server(int ordinal, long seed) {
        long own = Chance.of(seed, Chance.Stream.ENGINE, ordinal).nextLong();
        return new OfLlm(new LlmEngine<>(times, limits, own));
    }

    @Override
    public double workSeconds(Request request) {
        double decode =
                times.decodeMs(TYPICAL_BATCH, TYPICAL_BATCH * (double) request.tokensIn())
                        / TYPICAL_BATCH;
        double ms = times.prefillMs(request.tokensIn()) + decode * (request.tokensOut() - 1);
        return ms / speed / 1e3;
    }

    private record Answer(Request request, long atNanos) {}

    private final class OfLlm implements Server {

        private final LlmEngine<Request> engine;
        private final ArrayDeque<Answer> answers = new ArrayDeque<>();
        private LlmEngine.@Nullable Step<Request> step;
        private long stepEnds = IDLE;

        OfLlm(LlmEngine<Request> engine) {
            this.engine = engine;
        }

        @Override
        public boolean offer(Request request, long nowNanos) {
            if (engine.offer(request, request.tokensIn(), request.tokensOut())
                    != LlmEngine.Offer.TAKEN) {
                return false;
            }
            if (step == null) {
                begin(nowNanos);
            }
            return true;
        }

        @Override
        public void cancel(Request request, long nowNanos) {
            engine.cancel(request);
            answers.removeIf(a -> a.request.equals(request));
        }

        @Override
        public long nextNanos() {
            Answer next = answers.peek();
            return next == null ? stepEnds : Math.min(stepEnds, next.atNanos);
        }

        @Override
        public void advance(long nowNanos, Consumer<Request> answered) {
            LlmEngine.Step<Request> done = step;
            if (done != null && stepEnds <= nowNanos) {
                long arrives = stepEnds + (long) (overheadMs * NANOS_PER_MS);
                done.ended().forEach(request -> answers.add(new Answer(request, arrives)));
                begin(stepEnds);
            }
            for (Answer next = answers.peek();
                    next != null && next.atNanos <= nowNanos;
                    next = answers.peek()) {
                answers.remove();
                answered.accept(next.request);
            }
        }

        private void begin(long atNanos) {
            step = engine.step();
            stepEnds = step == null ? IDLE : atNanos + (long) (step.ms() * NANOS_PER_MS / speed);
        }
    }
}

package io.blockplane.replay.backtest;

import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.simulator.Chance;
import io.blockplane.simulator.Times;
import io.blockplane.simulator.backtest.Recorded;
import io.blockplane.simulator.service.LlmFit;
import io.blockplane.simulator.workload.Request;
import io.blockplane.simulator.workload.Workload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A block's tasks as a workload and as measures.
 *
 * @param withoutSize tasks that ended without token counts (refused or failed ones): their sizes
 *     are those of others, drawn
 */
record RecordedWorkload(Workload workload, Recorded recorded, int withoutSize) {

    /** How much of the time before the first request is simulated, too, at most. */
    private static final long MAX_LEAD_IN_MS = 120_000;

    private record Arrived(TaskFinished task, long atUs) {}

    /**
     * Makes it.
     *
     * @param fromMs epoch milliseconds; requests that came in before are left out
     * @param toMs likewise of those that came in later
     * @throws IOException when no request is left
     */
    static RecordedWorkload of(RecordedBlock block, String name, long fromMs, long toMs, long sloMs)
            throws IOException {
        List<Arrived> arrived = new ArrayList<>();
        for (TaskFinished task : block.tasks()) {
            long atUs = task.atMs() * 1_000 - task.totalUs();
            if (atUs >= fromMs * 1_000 && atUs <= toMs * 1_000) {
                arrived.add(new Arrived(task, atUs));
            }
        }
        if (arrived.isEmpty()) {
            throw new IOException(name + ": no tasks of the block in this span of time");
        }
        arrived.sort(Comparator.comparingLong(Arrived::atUs));
        long firstMs = arrived.getFirst().atUs / 1_000;
        long lastMs = arrived.getLast().atUs / 1_000;
        long origin = Math.max(block.lives().createdMs(), firstMs - MAX_LEAD_IN_MS);
        long originMs = Math.min(firstMs, origin) / 1_000 * 1_000;
        List<Arrived> sized = arrived.stream().filter(RecordedWorkload::hasSize).toList();
        List<Request> requests = new ArrayList<>();
        for (Arrived a : arrived) {
            requests.add(request(requests.size(), a, sized, originMs));
        }
        return new RecordedWorkload(
                new Workload("log", name, block.sha256(), originMs, requests),
                measured(block, arrived, firstMs, lastMs, sloMs),
                arrived.size() - sized.size());
    }

    /** What an instance is seen to do with requests. */
    static List<LlmFit.Observed> observed(RecordedBlock block) {
        List<LlmFit.Observed> observed = new ArrayList<>();
        for (TaskFinished task : block.tasks()) {
            if (task.outcome() == Outcome.COMPLETED
                    && task.instanceId() != null
                    && task.tokensIn() > 0
                    && task.tokensOut() > 0) {
                double end = (double) task.atMs();
                observed.add(
                        new LlmFit.Observed(
                                task.instanceId(),
                                end - task.serviceUs() / 1e3,
                                end,
                                (int) task.tokensIn(),
                                (int) task.tokensOut()));
            }
        }
        return observed;
    }

    private static boolean hasSize(Arrived arrived) {
        return arrived.task.tokensIn() > 0 && arrived.task.tokensOut() > 0;
    }

    private static Request request(int index, Arrived arrived, List<Arrived> sized, long originMs) {
        TaskFinished task = arrived.task;
        TaskFinished sizes = task;
        if (!hasSize(arrived) && !sized.isEmpty()) {
            int drawn = Chance.of(0, Chance.Stream.TOKENS, index).nextInt(sized.size());
            sizes = sized.get(drawn).task;
        }
        return new Request(
                index,
                (arrived.atUs - originMs * 1_000) * 1_000,
                task.sessionId(),
                Long.parseUnsignedLong(task.seqNo()),
                (int) Math.max(1, sizes.tokensIn()),
                (int) Math.max(1, sizes.tokensOut()),
                task.entry() == Entry.INFER,
                task.outcome() == Outcome.COMPLETED ? task.serviceUs() * 1_000 : -1);
    }

    private static Recorded measured(
            RecordedBlock block, List<Arrived> arrived, long firstMs, long lastMs, long sloMs) {
        List<TaskFinished> answered =
                arrived.stream()
                        .map(Arrived::task)
                        .filter(t -> t.outcome() == Outcome.COMPLETED)
                        .toList();
        long met = answered.stream().filter(t -> t.totalUs() <= sloMs * 1_000).count();
        return new Recorded(
                block.lives().instanceSeconds(firstMs, lastMs),
                (double) met / arrived.size(),
                Times.ofMs(answered.stream().mapToDouble(t -> t.totalUs() / 1e3).toArray())
                        .percentiles(),
                Times.ofMs(answered.stream().mapToDouble(t -> t.queueUs() / 1e3).toArray())
                        .percentiles(),
                block.lives().scaleActions(firstMs, lastMs));
    }
}

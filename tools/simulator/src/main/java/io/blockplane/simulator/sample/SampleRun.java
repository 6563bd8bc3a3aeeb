package io.blockplane.simulator.sample;

import io.blockplane.simulator.result.BacktestResult.DecisionMark;
import io.blockplane.simulator.result.BacktestResult.Percentiles;
import io.blockplane.simulator.result.BacktestResult.Role;
import io.blockplane.simulator.result.BacktestResult.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** One policy's way through a sample's load: a queue that drains by so many a step and instance. */
record SampleRun(
        String name,
        Role role,
        double instanceSeconds,
        double attainment,
        Percentiles totalMs,
        Percentiles queueMs,
        long refused,
        Timeline timeline,
        List<DecisionMark> decisions) {

    private static final double PER_INSTANCE_AND_STEP = 9;
    private static final int QUEUE_MAX = 220;
    private static final int START_STEPS = 2;

    /**
     * Lets the load flow through.
     *
     * @param headroom instances wanted for the load seen, as a multiple of what it needs; 0 for a
     *     policy that never scales
     * @param lagSteps over which the load is averaged
     */
    static SampleRun of(
            SplittableRandom random,
            List<Integer> requests,
            String name,
            Role role,
            int start,
            double headroom,
            int lagSteps) {
        List<Double> instances = new ArrayList<>();
        List<Integer> waiting = new ArrayList<>();
        List<Integer> misses = new ArrayList<>();
        List<DecisionMark> marks = new ArrayList<>();
        int wanted = start;
        int[] wantedAt = new int[requests.size()];
        double queue = 0;
        double worst = 0;
        long refused = 0;
        long missed = 0;
        for (int step = 0; step < requests.size(); step++) {
            double seen = seen(requests, step, lagSteps, role);
            int target = (int) Math.max(1, Math.ceil(headroom * seen / PER_INSTANCE_AND_STEP));
            if (headroom > 0 && step % 3 == 0 && target != wanted) {
                marks.add(mark(step, wanted, target, seen, queue));
                wanted = target;
            }
            wantedAt[step] = wanted;
            int ready = Math.min(wanted, wantedAt[Math.max(0, step - START_STEPS)]);
            double capacity = ready * PER_INSTANCE_AND_STEP;
            queue = Math.max(0, queue + requests.get(step) - capacity);
            long over = (long) Math.max(0, queue - QUEUE_MAX);
            queue -= over;
            refused += over;
            int late = (int) Math.min(requests.get(step), queue > capacity / 2 ? queue : 0);
            int miss = Math.max(0, late + (int) over + (random.nextInt(9) == 0 ? 1 : 0));
            missed += miss;
            worst = Math.max(worst, queue / capacity);
            instances.add(ready + (ready == wanted ? 0.0 : 0.4));
            waiting.add((int) queue);
            misses.add(miss);
        }
        long total = requests.stream().mapToLong(Integer::longValue).sum();
        double seconds =
                instances.stream().mapToDouble(Double::doubleValue).sum()
                        * SampleResults.STEP_MS
                        / 1000;
        double slow = 1_400 + 600 * random.nextDouble();
        return new SampleRun(
                name,
                role,
                seconds,
                1 - (double) Math.min(missed, total) / total,
                new Percentiles(slow, slow * 1.9, slow * (2.6 + 4 * worst), slow * (3 + 7 * worst)),
                new Percentiles(0.4, slow * worst / 5, slow * 4 * worst, slow * 7 * worst),
                refused,
                new Timeline(SampleResults.STEP_MS, instances, waiting, misses),
                marks);
    }

    private static double seen(List<Integer> requests, int step, int lagSteps, Role role) {
        if (role == Role.ORACLE) {
            return Math.max(
                    requests.get(step),
                    requests.get(Math.min(requests.size() - 1, step + START_STEPS)));
        }
        return requests.subList(Math.max(0, step - lagSteps), step + 1).stream()
                .mapToInt(Integer::intValue)
                .average()
                .orElse(0);
    }

    private static DecisionMark mark(int step, int before, int after, double seen, double queue) {
        return new DecisionMark(
                step * SampleResults.STEP_MS,
                before,
                after,
                "%s: %.1f requests a step need %d instances at this headroom"
                        .formatted(after > before ? "up" : "down", seen, after),
                "requests a step %.1f, waiting %.0f, instances %d".formatted(seen, queue, before));
    }
}

package io.blockplane.windows;

import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.TaskEvent.Ticked;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Task events for tests: single ones by hand, and whole histories by seed. */
public final class Histories {

    private static final Outcome[] OUTCOMES = Outcome.values();

    private final SplittableRandom random;
    private final String blockId;

    /** Instances that there are at the moment; {@link #births} counts all that ever were. */
    private final List<String> alive = new ArrayList<>();

    private int births;
    private long now;

    private Histories(String blockId, long seed) {
        this.blockId = blockId;
        this.random = new SplittableRandom(seed);
        // The first seconds of the epoch too: nothing may depend on there being a long past.
        this.now = random.nextInt(4) == 0 ? random.nextLong(5_000) : 1_700_000_000_000L + seed;
    }

    /** A task of an instance that took 100 ms, 40 ms of it queued, and read 10 and wrote 20. */
    public static TaskFinished task(String blockId, long atMs, @Nullable String instanceId) {
        return task(blockId, atMs, instanceId, Outcome.COMPLETED, 40_000, 60_000, 10, 20);
    }

    public static TaskFinished task(
            String blockId,
            long atMs,
            @Nullable String instanceId,
            Outcome outcome,
            long queueUs,
            long serviceUs,
            long tokensIn,
            long tokensOut) {
        return new TaskFinished(
                blockId,
                "task-" + atMs,
                Entry.PREDICT,
                "s",
                "1",
                instanceId,
                outcome,
                outcome == Outcome.COMPLETED ? null : "a reason",
                atMs,
                queueUs,
                serviceUs,
                queueUs + serviceUs,
                tokensIn,
                tokensOut,
                1,
                null);
    }

    public static Ticked tick(String blockId, long atMs, int queued, InstanceLoad... instances) {
        return new Ticked(blockId, "executor-0", atMs, queued, List.of(instances));
    }

    /**
     * A history of this many events: bursts, steady seconds, gaps around every limit, late and very
     * late events, instances that come and go.
     */
    public static List<TaskEvent> of(String blockId, long seed, int events) {
        Histories histories = new Histories(blockId, seed);
        List<TaskEvent> history = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            history.add(histories.next());
        }
        return history;
    }

    private TaskEvent next() {
        if (alive.isEmpty() || random.nextInt(12) == 0) {
            alive.add("in-" + births++ % 5);
        }
        if (alive.size() > 1 && random.nextInt(10) == 0) {
            alive.remove(random.nextInt(alive.size()));
        }
        now += step();
        long at = random.nextInt(6) == 0 ? Math.max(0, now - lateness()) : now;
        return random.nextInt(3) == 0 ? randomTick(at / 1000 * 1000) : randomTask(at);
    }

    private long step() {
        return switch (random.nextInt(40)) {
            case 0 -> 1_000L * random.nextInt(2, 59);
            case 1 -> 60_000 + random.nextInt(-1_500, 1_500);
            case 2 -> 900_000 + random.nextInt(-3_000, 3_000);
            case 3 -> 1_000L * random.nextInt(60, 2_000);
            case 4, 5, 6, 7, 8 -> 1_000;
            case 9, 10, 11, 12 -> random.nextInt(3_000);
            case 13, 14, 15, 16, 17, 18 -> 0;
            default -> random.nextInt(400);
        };
    }

    private long lateness() {
        return switch (random.nextInt(8)) {
            case 0 -> 900_000 + random.nextInt(-2_500, 2_500);
            case 1 -> random.nextInt(1_000_000);
            case 2 -> 60_000 + random.nextInt(-1_500, 1_500);
            default -> random.nextInt(3_000);
        };
    }

    private Ticked randomTick(long at) {
        List<InstanceLoad> loads = new ArrayList<>();
        for (String id : alive) {
            if (random.nextInt(8) > 0) {
                loads.add(new InstanceLoad(id, random.nextInt(4)));
            }
        }
        return tick(blockId, at, random.nextInt(3), loads.toArray(InstanceLoad[]::new));
    }

    private TaskFinished randomTask(long at) {
        return task(
                blockId,
                at,
                random.nextInt(9) == 0 ? null : alive.get(random.nextInt(alive.size())),
                OUTCOMES[random.nextInt(6) == 0 ? random.nextInt(OUTCOMES.length) : 0],
                random.nextLong(1L << random.nextInt(1, 30)),
                random.nextLong(1L << random.nextInt(1, 30)),
                random.nextInt(200),
                random.nextInt(500));
    }
}

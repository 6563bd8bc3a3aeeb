package io.blockplane.executor.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.executor.core.SessionQueues.Admission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionQueuesTest {

    @Test
    void runsOneTaskOfASessionAndKeepsTheOthersInOrder() {
        SessionQueues<String, Integer> queues = new SessionQueues<>(10);

        assertThat(queues.offer("s", 1)).isEqualTo(Admission.RUN);
        assertThat(queues.offer("s", 2)).isEqualTo(Admission.WAIT);
        assertThat(queues.offer("t", 3)).isEqualTo(Admission.RUN);
        assertThat(queues.offer("s", 4)).isEqualTo(Admission.WAIT);
        assertThat(queues.running()).isEqualTo(2);
        assertThat(queues.size()).isEqualTo(4);

        assertThat(queues.finish("s")).isEqualTo(2);
        assertThat(queues.finish("s")).isEqualTo(4);
        assertThat(queues.finish("s")).isNull();
        assertThat(queues.offer("s", 5)).isEqualTo(Admission.RUN);
    }

    @Test
    void takesNoMoreThanItsLimit() {
        SessionQueues<String, Integer> queues = new SessionQueues<>(2);
        queues.offer("s", 1);
        queues.offer("s", 2);

        assertThat(queues.offer("t", 3)).isEqualTo(Admission.FULL);
        assertThat(queues.size()).isEqualTo(2);

        queues.finish("s");
        assertThat(queues.offer("t", 3)).isEqualTo(Admission.RUN);
    }

    @Test
    void treatsAFinishWithoutARunAsABug() {
        assertThatThrownBy(() -> new SessionQueues<String, Integer>(1).finish("s"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("session s has no running task");
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void runsEveryTaskOnceInTheOrderOfItsSession(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int limit = random.nextInt(1, 50);
        SessionQueues<Integer, Integer> queues = new SessionQueues<>(limit);
        Map<Integer, Integer> running = new HashMap<>();
        Map<Integer, List<Integer>> offered = new HashMap<>();
        Map<Integer, List<Integer>> ran = new HashMap<>();
        for (int step = 0; step < 2000; step++) {
            int session = random.nextInt(8);
            if (random.nextInt(100) < 55) {
                Admission admission = queues.offer(session, step);
                assertThat(admission == Admission.FULL)
                        .isEqualTo(held(offered, ran, running) == limit);
                if (admission != Admission.FULL) {
                    offered.computeIfAbsent(session, _ -> new ArrayList<>()).add(step);
                    assertThat(admission == Admission.RUN).isEqualTo(!running.containsKey(session));
                }
                if (admission == Admission.RUN) {
                    running.put(session, step);
                }
            } else if (running.containsKey(session)) {
                ran.computeIfAbsent(session, _ -> new ArrayList<>()).add(running.remove(session));
                Integer next = queues.finish(session);
                if (next != null) {
                    running.put(session, next);
                }
            }
            assertThat(queues.size()).isEqualTo(held(offered, ran, running));
            assertThat(queues.running()).isEqualTo(running.size());
        }
        offered.forEach((session, tasks) -> assertThat(tasks).startsWith(ids(ran, session)));
    }

    private static Integer[] ids(Map<Integer, List<Integer>> tasks, int session) {
        return tasks.getOrDefault(session, List.of()).toArray(Integer[]::new);
    }

    private static int held(
            Map<Integer, List<Integer>> offered,
            Map<Integer, List<Integer>> ran,
            Map<Integer, Integer> running) {
        int all = offered.values().stream().mapToInt(List::size).sum();
        int done = ran.values().stream().mapToInt(List::size).sum();
        assertThat(running.size()).isLessThanOrEqualTo(all - done);
        return all - done;
    }
}

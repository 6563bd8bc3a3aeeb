package io.blockplane.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FairQueueTest {

    @Test
    void aBurstOfOneSessionHoldsTheOthersUpByOne() {
        FairQueue<String> queue = new FairQueue<>(1_000);
        for (int i = 0; i < 500; i++) {
            queue.offer("loud", "loud-" + i);
        }
        assertThat(queue.ahead("quiet")).isEqualTo(1);
        queue.offer("quiet", "quiet-0");
        assertThat(queue.ahead("loud")).isEqualTo(501);
        assertThat(List.of(poll(queue), poll(queue), poll(queue)))
                .containsExactly("loud-0", "quiet-0", "loud-1");
    }

    @Test
    void aSessionThatPassesIsLastInTurnAndKeepsItsOrder() {
        FairQueue<String> queue = new FairQueue<>(10);
        queue.pass();
        queue.offer("s", "s-0");
        queue.offer("s", "s-1");
        queue.offer("t", "t-0");
        queue.pass();
        assertThat(queue.sessions()).isEqualTo(2);
        assertThat(List.of(poll(queue), poll(queue), poll(queue)))
                .containsExactly("t-0", "s-0", "s-1");
    }

    @Test
    void takesNoMoreThanItMay() {
        FairQueue<String> queue = new FairQueue<>(1);
        FairQueue.Place<String> place = Objects.requireNonNull(queue.offer("s", "one"));
        assertThat(queue.isFull()).isTrue();
        assertThat(queue.offer("t", "two")).isNull();
        assertThat(queue.remove(place)).isTrue();
        assertThat(queue.remove(place)).isFalse();
        assertThat(queue.offer("t", "two")).isNotNull();
        assertThat(new FairQueue<String>(0).offer("s", "x")).isNull();
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void doesWhatANaiveQueueOfQueuesDoes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        FairQueue<Integer> queue = new FairQueue<>(40);
        Naive naive = new Naive();
        List<FairQueue.Place<Integer>> places = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    String session = "s" + random.nextInt(6);
                    FairQueue.Place<Integer> place = queue.offer(session, i);
                    assertThat(place == null).isEqualTo(naive.size() == 40);
                    if (place != null) {
                        naive.offer(session, i);
                        places.add(place);
                    }
                }
                case 2 -> {
                    if (!places.isEmpty()) {
                        FairQueue.Place<Integer> place =
                                places.remove(random.nextInt(places.size()));
                        assertThat(queue.remove(place)).isEqualTo(naive.remove(place.task()));
                    }
                }
                default -> {
                    assertThat(queue.peek()).isEqualTo(naive.peek());
                    assertThat(queue.poll()).isEqualTo(naive.poll());
                }
            }
            assertThat(queue.size()).isEqualTo(naive.size());
        }
    }

    private static String poll(FairQueue<String> queue) {
        String next = queue.poll();
        return next == null ? "none" : next;
    }

    private static final class Naive {
        private record Line(String session, Deque<Integer> tasks) {}

        private final List<Line> lines = new ArrayList<>();

        int size() {
            return lines.stream().mapToInt(l -> l.tasks().size()).sum();
        }

        void offer(String session, int task) {
            for (Line line : lines) {
                if (line.session().equals(session)) {
                    line.tasks().add(task);
                    return;
                }
            }
            lines.add(new Line(session, new ArrayDeque<>(List.of(task))));
        }

        boolean remove(int task) {
            boolean removed = lines.stream().anyMatch(l -> l.tasks().remove((Object) task));
            lines.removeIf(l -> l.tasks().isEmpty());
            return removed;
        }

        @Nullable Integer peek() {
            return lines.isEmpty() ? null : lines.getFirst().tasks().peek();
        }

        @Nullable Integer poll() {
            if (lines.isEmpty()) {
                return null;
            }
            Line line = lines.removeFirst();
            Integer task = line.tasks().poll();
            if (!line.tasks().isEmpty()) {
                lines.add(line);
            }
            return task;
        }
    }
}

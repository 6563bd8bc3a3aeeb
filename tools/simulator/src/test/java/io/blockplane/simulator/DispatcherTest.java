package io.blockplane.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.simulator.policy.RoutingAdvisor;
import io.blockplane.simulator.service.Demand;
import io.blockplane.simulator.service.PlacesService;
import io.blockplane.simulator.workload.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What becomes of tasks at an instance that broke and of which the instance set knows nothing yet:
 * the one way in which a modelled instance gives no answers.
 */
class DispatcherTest {

    private static final long MS = 1_000_000;

    private final Ended ended = new Ended();
    private int requests;
    private long now;

    @Test
    void anInstanceThatGivesNoAnswersIsEjectedAndComesBackAfterItsTime() {
        Dispatcher dispatcher = dispatcher(null, "a", "b", "c");
        Target broken = target(dispatcher, "a");
        Task held = call(dispatcher);
        while (held.place == null || held.place.instance() != broken) {
            held = call(dispatcher);
        }
        dispatcher.broken(broken, now);
        assertThat(ended.of(held)).isEqualTo(Outcome.FAILED);

        List<Task> during = calls(dispatcher, 50);
        assertThat(during.stream().filter(task -> task.attempts == 2))
                .as("five failures in a row; the first was the call that it had")
                .hasSize(4);
        assertThat(during).allMatch(task -> task.attempts <= 2 && task.place != null);

        List<Task> later = calls(dispatcher, 300);
        assertThat(later.subList(0, 190)).as("until 5 s are over").allMatch(t -> t.attempts == 1);
        assertThat(later.subList(190, 300)).as("it is back").anyMatch(t -> t.attempts == 2);
        assertThat(later).allMatch(task -> task.place != null);
    }

    @Test
    void anOrderedTaskThatIsLostIsTriedElsewhereInItsTime() {
        Dispatcher dispatcher = dispatcher(null, "a", "b");
        Task task = new Task(request(/* ordered= */ true), Task.NO_DEADLINE);
        dispatcher.arrive(task, now);
        Target broken = Objects.requireNonNull(task.place).instance();
        dispatcher.broken(broken, now);
        assertThat(ended.again).containsExactly(now + 20 * MS);
        now += 20 * MS;
        dispatcher.ordered(task, now);
        assertThat(Objects.requireNonNull(task.place).instance()).isNotEqualTo(broken);
        assertThat(task.attempts).isEqualTo(2);
    }

    @Test
    void anInstanceHasAsManyOrderedTasksAsTheExecutorGivesIt() {
        Dispatcher dispatcher = dispatcher(null, "a");
        for (int i = 0; i < 20; i++) {
            dispatcher.arrive(new Task(request(/* ordered= */ true), Task.NO_DEADLINE), now);
        }
        assertThat(target(dispatcher, "a").outstanding()).isEqualTo(16);
        assertThat(dispatcher.waiting()).isEqualTo(4);
    }

    @Test
    void aCallThatNoInstanceTakesEndsAfterThreeAttempts() {
        Dispatcher dispatcher = dispatcher(null, "a");
        dispatcher.broken(target(dispatcher, "a"), now);
        Task task = call(dispatcher);
        assertThat(ended.of(task)).isEqualTo(Outcome.FAILED);
        assertThat(task.attempts).isEqualTo(3);
    }

    @Test
    void aBalancersChoiceIsOverruledWhereTheTaskFailedBefore() {
        Dispatcher dispatcher = dispatcher((_, _, _) -> "a", "a", "b");
        assertThat(call(dispatcher).instanceId).isEqualTo("a");
        dispatcher.broken(target(dispatcher, "a"), now);
        Task task = call(dispatcher);
        assertThat(task.instanceId).isEqualTo("b");
        assertThat(task.attempts).isEqualTo(2);
    }

    private Dispatcher dispatcher(@Nullable RoutingAdvisor advisor, String... instances) {
        Dispatcher dispatcher = new Dispatcher(ended, RoutingRules.DEFAULT, advisor, 0);
        PlacesService service = new PlacesService(100, new Demand.Constant(10));
        for (String id : instances) {
            dispatcher.serves(new Target(id, 1, service.server(1, 1)), now, 1, now);
        }
        return dispatcher;
    }

    private static Target target(Dispatcher dispatcher, String id) {
        return Objects.requireNonNull(dispatcher.find(id));
    }

    /** One each 20 ms. */
    private List<Task> calls(Dispatcher dispatcher, int count) {
        List<Task> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(call(dispatcher));
            now += 20 * MS;
        }
        return calls;
    }

    private Task call(Dispatcher dispatcher) {
        Task task = new Task(request(/* ordered= */ false), Task.NO_DEADLINE);
        dispatcher.arrive(task, now);
        return task;
    }

    private Request request(boolean ordered) {
        int index = requests++;
        return new Request(index, now, "s" + index, index, 100, 10, ordered, -1);
    }

    /** Keeps what it is told. */
    private static final class Ended implements Dispatcher.Host {

        private record End(Task task, Outcome outcome) {}

        private final List<End> ends = new ArrayList<>();
        private final List<Long> again = new ArrayList<>();

        Outcome of(Task task) {
            return ends.stream().filter(e -> e.task == task).findFirst().orElseThrow().outcome;
        }

        @Override
        public long epochMs(long nowNanos) {
            return nowNanos / MS;
        }

        @Override
        public void ended(Task task, Outcome outcome, @Nullable String reason, long nowNanos) {
            ends.add(new End(task, outcome));
        }

        @Override
        public void woken(Target target) {}

        @Override
        public void again(Task task, long atNanos) {
            again.add(atNanos);
        }
    }
}

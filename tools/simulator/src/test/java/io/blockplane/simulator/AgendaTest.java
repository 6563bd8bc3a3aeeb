package io.blockplane.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.simulator.Agenda.Rank;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgendaTest {

    @Test
    void handsOutByTimeThenByRankThenInTheOrderOfPuttingIn() {
        Agenda agenda = new Agenda();
        List<String> happened = new ArrayList<>();
        agenda.put(2, Rank.LIFECYCLE, () -> happened.add("later"));
        List<Rank> ranks = List.of(Rank.values());
        for (Rank rank : ranks.reversed()) {
            agenda.put(1, rank, () -> happened.add(rank + " 1"));
            agenda.put(1, rank, () -> happened.add(rank + " 2"));
        }

        for (Runnable next = agenda.poll(); next != null; next = agenda.poll()) {
            next.run();
        }

        assertThat(happened)
                .containsExactly(
                        "LIFECYCLE 1",
                        "LIFECYCLE 2",
                        "SERVED 1",
                        "SERVED 2",
                        "EXPIRED 1",
                        "EXPIRED 2",
                        "RETRIED 1",
                        "RETRIED 2",
                        "ARRIVED 1",
                        "ARRIVED 2",
                        "TICKED 1",
                        "TICKED 2",
                        "DECIDED 1",
                        "DECIDED 2",
                        "later");
    }
}

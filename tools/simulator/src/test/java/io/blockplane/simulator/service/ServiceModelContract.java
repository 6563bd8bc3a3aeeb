package io.blockplane.simulator.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.simulator.workload.Request;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every model of instances keeps to. */
abstract class ServiceModelContract {

    private static final int REQUESTS = 40;
    private static final long GAP_NANOS = 5_000_000;

    abstract ServiceModel model();

    private record Answered(int index, long atNanos) {}

    @Test
    void answersEveryRequestOnceAndNoneBeforeItCame() {
        List<Answered> answered = run(model().server(1, 7), -1);
        assertThat(answered).extracting(Answered::index).doesNotHaveDuplicates().hasSize(REQUESTS);
        assertThat(answered)
                .allSatisfy(a -> assertThat(a.atNanos).isGreaterThan(a.index * GAP_NANOS));
        assertThat(answered).extracting(Answered::atNanos).isSorted();
    }

    @Test
    void isTheSameForTheSameSeed() {
        assertThat(run(model().server(1, 7), -1)).isEqualTo(run(model().server(1, 7), -1));
    }

    @Test
    void doesNotAnswerARequestThatWasGivenUp() {
        assertThat(run(model().server(1, 7), 20))
                .extracting(Answered::index)
                .doesNotContain(20)
                .hasSize(REQUESTS - 1);
    }

    @Test
    void isIdleWhenItHasNothing() {
        Server server = model().server(1, 7);
        assertThat(server.nextNanos()).isEqualTo(Server.IDLE);
        run(server, -1);
        assertThat(server.nextNanos()).isEqualTo(Server.IDLE);
    }

    @Test
    void saysWhatItIsAndWhatARequestCosts() {
        assertThat(model().description()).isNotBlank();
        assertThat(model().workSeconds(request(0))).isPositive();
    }

    private static Request request(int index) {
        return Request.of(index, index * GAP_NANOS, "s", index, 100 + index, 3 + index % 5);
    }

    /** Hands requests in at their times; gives one up right after it came. */
    private static List<Answered> run(Server server, int givenUp) {
        List<Answered> answered = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            Request request = request(i);
            advance(server, request.atNanos(), answered);
            assertThat(server.offer(request, request.atNanos())).isTrue();
            if (i == givenUp) {
                server.cancel(request, request.atNanos());
            }
        }
        advance(server, Server.IDLE - 1, answered);
        return answered;
    }

    private static void advance(Server server, long until, List<Answered> answered) {
        for (long next = server.nextNanos(); next <= until; next = server.nextNanos()) {
            long now = next;
            server.advance(now, request -> answered.add(new Answered(request.index(), now)));
        }
    }
}

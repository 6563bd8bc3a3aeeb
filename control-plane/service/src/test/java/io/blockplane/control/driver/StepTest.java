package io.blockplane.control.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.control.core.Instance.Phase;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is to be against what is: every pair. */
class StepTest {

    private static final InstanceAddress HERE =
            new InstanceAddress("grpc", "127.0.0.1:1", "http://127.0.0.1:2/health");
    private static final InstanceAddress ELSEWHERE =
            new InstanceAddress("grpc", "127.0.0.1:3", "http://127.0.0.1:4/health");

    @ParameterizedTest
    @CsvSource({
        // to be,     is,        next
        "gone,      nothing,     Nothing",
        "gone,      starting,    Stop",
        "gone,      serving,     Stop",
        "gone,      exited,      Forget",
        "REQUESTED, nothing,     Start",
        "REQUESTED, starting,    Nothing",
        "REQUESTED, overdue,     Stop",
        "REQUESTED, serving,     ReportReady",
        "REQUESTED, exited,      ReportExited",
        "REQUESTED, older,       Stop",
        "REQUESTED, older-gone,  Forget",
        "READY,     nothing,     ReportExited",
        "READY,     starting,    Stop",
        "READY,     serving,     Nothing",
        "READY,     elsewhere,   Stop",
        "READY,     exited,      ReportExited",
        "DRAINING,  nothing,     ReportExited",
        "DRAINING,  starting,    Stop",
        "DRAINING,  serving,     Nothing",
        "DRAINING,  unseen,      Stop",
        "DRAINING,  undrained,   Stop",
        "DRAINING,  exited,      ReportExited",
        "DRAINED,   nothing,     ReportExited",
        "DRAINED,   starting,    Stop",
        "DRAINED,   serving,     Stop",
        "DRAINED,   exited,      ReportExited"
    })
    void doesWhatBringsTheTwoTogether(String toBe, String is, String next) {
        DesiredInstance desired =
                toBe.equals("gone")
                        ? null
                        : new DesiredInstance(
                                "b",
                                "in-a",
                                2,
                                Phase.valueOf(toBe),
                                "x",
                                Json.EMPTY_OBJECT,
                                is.equals("unseen") ? null : HERE);
        Step.Observed observed =
                switch (is) {
                    case "nothing" -> null;
                    case "starting" -> new Step.Observed(2, new Run.Starting(), false, false);
                    case "overdue" -> new Step.Observed(2, new Run.Starting(), true, false);
                    case "serving", "unseen" ->
                            new Step.Observed(2, new Run.Serving(HERE), true, false);
                    case "undrained" -> new Step.Observed(2, new Run.Serving(HERE), true, true);
                    case "elsewhere" ->
                            new Step.Observed(2, new Run.Serving(ELSEWHERE), false, false);
                    case "exited" ->
                            new Step.Observed(2, new Run.Exited(1, "exit code 1"), false, false);
                    case "older" -> new Step.Observed(1, new Run.Serving(HERE), false, false);
                    case "older-gone" ->
                            new Step.Observed(1, new Run.Exited(1, "exit code 1"), false, false);
                    default -> throw new IllegalArgumentException(is);
                };
        assertThat(Step.next(desired, observed).getClass().getSimpleName()).isEqualTo(next);
    }
}

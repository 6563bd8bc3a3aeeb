package io.blockplane.control.driver;

import io.blockplane.events.InstanceAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done about one instance, from what is to be and what is. Pure: time is in the
 * arguments.
 */
sealed interface Step {

    /** All is as it should be, or time must pass. */
    record Nothing() implements Step {}

    /** Run this generation. */
    record Start() implements Step {}

    /** End the run. */
    record Stop(String reason) implements Step {}

    /** Say that it serves. */
    record ReportReady(InstanceAddress address) implements Step {}

    /** Say that it is not running. */
    record ReportExited(@Nullable Integer exitCode, String detail) implements Step {}

    /** The run is over and nobody asks for it any more. */
    record Forget() implements Step {}

    /** A run that is there, beside what is to be. */
    record Observed(int generation, Run run, boolean startOverdue, boolean drainOverdue) {}

    /**
     * The next step.
     *
     * @param desired null: the block has no such instance
     * @param observed null: nothing of it runs here
     */
    static Step next(@Nullable DesiredInstance desired, @Nullable Observed observed) {
        if (observed == null) {
            return desired == null ? new Nothing() : withoutRun(desired);
        }
        boolean exited = observed.run() instanceof Run.Exited;
        if (desired == null) {
            return exited ? new Forget() : new Stop("the block does not have it");
        }
        if (observed.generation() != desired.generation()) {
            return exited
                    ? new Forget()
                    : new Stop("generation " + desired.generation() + " is to run");
        }
        return switch (observed.run()) {
            case Run.Exited(Integer exitCode, String detail) -> new ReportExited(exitCode, detail);
            case Run.Starting _ -> starting(desired, observed);
            case Run.Serving(InstanceAddress address) -> serving(desired, observed, address);
        };
    }

    private static Step withoutRun(DesiredInstance desired) {
        return switch (desired.phase()) {
            case REQUESTED -> new Start();
            case READY, DRAINING, DRAINED -> new ReportExited(null, "no process of it was found");
        };
    }

    private static Step starting(DesiredInstance desired, Observed observed) {
        return switch (desired.phase()) {
            case REQUESTED ->
                    observed.startOverdue() ? new Stop("it did not serve in time") : new Nothing();
            case READY -> new Stop("the log has it serving elsewhere");
            case DRAINING, DRAINED -> new Stop("it is to go and never served");
        };
    }

    private static Step serving(
            DesiredInstance desired, Observed observed, InstanceAddress address) {
        return switch (desired.phase()) {
            case REQUESTED -> new ReportReady(address);
            case READY ->
                    address.equals(desired.address())
                            ? new Nothing()
                            : new Stop("the log has it serving elsewhere");
            case DRAINING -> {
                if (desired.address() == null) {
                    yield new Stop("it is to go and got no task");
                }
                yield observed.drainOverdue()
                        ? new Stop("it did not drain in time")
                        : new Nothing();
            }
            case DRAINED -> new Stop("it is drained");
        };
    }
}

package io.blockplane.policy;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.policy.format.PolicySchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a call led to: the part of its record that its end decides. */
record Verdict(
        Outcome outcome,
        @Nullable Json output,
        @Nullable String error,
        ScaleAction action,
        List<String> fallbacks) {

    private static final Json NONE = new Json("null");

    /** It gave no result, and nothing follows. */
    static Verdict failed(Outcome outcome, String error) {
        return failed(outcome, null, error, List.of());
    }

    /** Why an evaluation is not to be made: its input is not what the policy's version asks for. */
    static Optional<Verdict> ofInput(PolicyAssignment assignment, Json input) {
        List<String> faults = PolicySchema.violations(assignment.schemas().input(), input);
        return faults.isEmpty()
                ? Optional.empty()
                : Optional.of(failed(Outcome.UNUSABLE, "input: " + String.join("; ", faults)));
    }

    /** Of a call that ended by itself. */
    static Verdict of(PolicyAssignment assignment, Call call, Json input, Sandbox.Ended ended) {
        if (ended.outcome() != Outcome.RETURNED) {
            return failed(ended.outcome(), ended.text());
        }
        if (call == Call.INIT) {
            return returned(null, ScaleAction.none(null), List.of());
        }
        Json output;
        try {
            // A state has no addresses in it, and has to be read again as it is.
            output =
                    Json.parse(
                            call == Call.SNAPSHOT
                                    ? ended.text()
                                    : Recording.withoutAddresses(ended.text()));
        } catch (IllegalArgumentException e) {
            // Keys of a str subclass may be different keys and the same text.
            return failed(Outcome.UNUSABLE, "output: " + e.getMessage());
        }
        return call == Call.EVAL
                ? ofEvaluation(assignment, input, output)
                : returned(shown(output), ScaleAction.none(null), List.of());
    }

    private static Verdict ofEvaluation(PolicyAssignment assignment, Json input, Json output) {
        List<String> faults = PolicySchema.violations(assignment.schemas().output(), output);
        if (!faults.isEmpty()) {
            return failed(
                    Outcome.UNUSABLE,
                    shown(output),
                    "output: " + String.join("; ", faults),
                    List.of());
        }
        return switch (assignment.kind()) {
            case SCALE -> ofAutoscaler(output);
            case PLACE ->
                    PlacementContract.unusable(input, output)
                            .map(fault -> failed(Outcome.UNUSABLE, shown(output), fault, List.of()))
                            .orElseGet(() -> returned(output, ScaleAction.none(null), List.of()));
            case HEALTH, FAILURE, ROUTE ->
                    returned(shown(output), ScaleAction.none(null), List.of());
        };
    }

    private static Verdict ofAutoscaler(Json output) {
        if (output.equals(NONE)) {
            return failed(Outcome.UNUSABLE, "output: None (expected: a dict with skip)");
        }
        AutoscalerContract.Meaning meaning = AutoscalerContract.meaning(output);
        String unusable = meaning.unusable();
        return unusable == null
                ? returned(output, meaning.action(), meaning.notes())
                : failed(Outcome.UNUSABLE, output, unusable, meaning.notes());
    }

    /** As it is recorded: a policy that returned nothing has no output. */
    private static @Nullable Json shown(Json output) {
        return output.equals(NONE) ? null : output;
    }

    private static Verdict returned(
            @Nullable Json output, ScaleAction action, List<String> fallbacks) {
        return new Verdict(Outcome.RETURNED, output, null, action, fallbacks);
    }

    private static Verdict failed(
            Outcome outcome, @Nullable Json output, String error, List<String> notes) {
        String line = Recording.errorText(error);
        List<String> fallbacks = new ArrayList<>(notes);
        fallbacks.add("no action: " + line);
        return new Verdict(outcome, output, line, ScaleAction.none(null), fallbacks);
    }
}

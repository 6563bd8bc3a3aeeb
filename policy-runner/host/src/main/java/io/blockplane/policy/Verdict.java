package io.blockplane.policy;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.PolicyDecided.ScaleAction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a call led to: the part of its record that its end decides. */
record Verdict(
        Outcome outcome,
        @Nullable Json output,
        @Nullable String error,
        ScaleAction action,
        List<String> fallbacks) {

    /** It gave no result, and nothing follows. */
    static Verdict failed(Outcome outcome, String error) {
        return failed(outcome, null, error, List.of());
    }

    /** Of a call that ended by itself. */
    static Verdict of(Call call, Sandbox.Ended ended) {
        if (ended.outcome() != Outcome.RETURNED) {
            return failed(ended.outcome(), ended.text());
        }
        return switch (call) {
            case INIT, SNAPSHOT -> returned(null, ScaleAction.none(null), List.of());
            case MANAGE -> parsed(ended.text(), Verdict::ofManagement);
            case EVAL -> parsed(ended.text(), Verdict::ofAutoscaler);
        };
    }

    private static Verdict parsed(String text, Function<@Nullable Json, Verdict> next) {
        Json output;
        try {
            output = Json.parse(Recording.withoutAddresses(text));
        } catch (IllegalArgumentException e) {
            // Keys of a str subclass may be different keys and the same text.
            return failed(Outcome.UNUSABLE, "output: " + e.getMessage());
        }
        return next.apply(output.text().equals("null") ? null : output);
    }

    private static Verdict ofManagement(@Nullable Json output) {
        return returned(output, ScaleAction.none(null), List.of());
    }

    private static Verdict ofAutoscaler(@Nullable Json output) {
        if (output == null) {
            return failed(Outcome.UNUSABLE, "output: None (expected: a dict with skip)");
        }
        AutoscalerContract.Meaning meaning = AutoscalerContract.meaning(output);
        String unusable = meaning.unusable();
        return unusable == null
                ? returned(output, meaning.action(), meaning.notes())
                : failed(Outcome.UNUSABLE, output, unusable, meaning.notes());
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

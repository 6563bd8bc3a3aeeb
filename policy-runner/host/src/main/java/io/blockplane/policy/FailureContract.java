package io.blockplane.policy;

import io.blockplane.events.Json;

/**
 * What a failure policy is given: the {@code inputs} of the request as they are. Pure. Its answer,
 * whatever it is, goes back to the caller.
 */
public final class FailureContract {

    private FailureContract() {}

    /**
     * The {@code input_data} of an evaluation.
     *
     * @throws IllegalArgumentException when the inputs are not an object
     */
    public static Json input(Json inputs) {
        return Json.of(inputs.object());
    }
}

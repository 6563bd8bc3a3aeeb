package io.blockplane.policy.format;

/** Carries a refusal out of the steps of a check; never leaves this package's reader. */
final class RefusedException extends Exception {

    final String reason;

    RefusedException(String reason) {
        super(reason);
        this.reason = reason;
    }
}

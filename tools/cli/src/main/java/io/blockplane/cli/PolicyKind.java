package io.blockplane.cli;

import io.blockplane.events.PolicyDecided.Kind;
import java.util.Locale;
import java.util.Optional;

/** What an author's policy decides, as the command line has it. */
enum PolicyKind {
    AUTOSCALER(Kind.SCALE),
    BALANCER(Kind.ROUTE),
    HEALTH(Kind.HEALTH),
    FAILURE(Kind.FAILURE);

    private final Kind kind;

    PolicyKind(Kind kind) {
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    /** Of a name in any case; empty when it is none. */
    static Optional<PolicyKind> of(String name) {
        for (PolicyKind kind : values()) {
            if (kind.name().equalsIgnoreCase(name)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    String lowerCase() {
        return name().toLowerCase(Locale.ROOT);
    }
}

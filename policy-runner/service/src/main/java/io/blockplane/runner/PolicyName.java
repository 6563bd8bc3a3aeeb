package io.blockplane.runner;

import io.blockplane.events.PolicyDecided.Kind;
import java.util.Arrays;
import java.util.Optional;

/** The names in a block's {@code policies}, and what each of them decides. */
enum PolicyName {
    AUTOSCALER("autoscaler", Kind.SCALE),
    STABILITY_CHECKER("stabilityChecker", Kind.HEALTH),
    LOAD_BALANCER("loadBalancer", Kind.ROUTE),
    RESOURCE_ALLOCATOR("resourceAllocator", Kind.PLACE),
    CLUSTER_ALLOCATOR("clusterAllocator", Kind.PLACE);

    private final String text;
    private final Kind kind;

    PolicyName(String text, Kind kind) {
        this.text = text;
        this.kind = kind;
    }

    String text() {
        return text;
    }

    Kind kind() {
        return kind;
    }

    static Optional<PolicyName> of(String text) {
        return Arrays.stream(values()).filter(name -> name.text.equals(text)).findFirst();
    }

    /** Of what the runner decides again and again for a block. */
    static Optional<PolicyName> of(Kind kind) {
        return switch (kind) {
            case SCALE -> Optional.of(AUTOSCALER);
            case HEALTH -> Optional.of(STABILITY_CHECKER);
            case ROUTE -> Optional.of(LOAD_BALANCER);
            case PLACE -> Optional.of(RESOURCE_ALLOCATOR);
            case FAILURE -> Optional.empty();
        };
    }
}

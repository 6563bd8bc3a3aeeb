package io.blockplane.cli;

import io.blockplane.events.Json;
import io.blockplane.policy.PolicyAssignment;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a command that runs one policy from a folder may be told beside the folder. */
final class PolicyValues {

    @Option(
            names = "--kind",
            description =
                    "${COMPLETION-CANDIDATES}; in any case. Default: what policy.json says, or"
                            + " AUTOSCALER.")
    private @Nullable PolicyKind kind;

    @Option(
            names = "--parameters",
            paramLabel = "JSON",
            description =
                    "On top of those in policy.json and, in replay diff, of recorded ones; @FILE"
                            + " reads a file.")
    private String parameters = "{}";

    @Option(
            names = "--settings",
            paramLabel = "JSON",
            description =
                    "On top of those in policy.json and, in replay diff, of recorded ones; @FILE"
                            + " reads a file.")
    private String settings = "{}";

    PolicyKind kind(AuthoredPolicy authored) {
        return kind != null ? kind : authored.kind().orElse(PolicyKind.AUTOSCALER);
    }

    Json parameters(AuthoredPolicy authored) throws IOException {
        return PolicyAssignment.merge(
                authored.parameters(), JsonArgument.object("--parameters", parameters));
    }

    Json settings(AuthoredPolicy authored) throws IOException {
        return PolicyAssignment.merge(
                authored.settings(), JsonArgument.object("--settings", settings));
    }
}

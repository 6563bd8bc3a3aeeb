package io.blockplane.cli;

import io.blockplane.events.Json;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.replay.Candidate;
import io.blockplane.replay.Diff;
import io.blockplane.replay.DiffReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code replay diff}: where a candidate decides otherwise on recorded inputs. */
@Command(
        name = "diff",
        description =
                "Gives a candidate every recorded input, and groups what it decides otherwise."
                        + " Claims no outcome. Exit code 1 when it differs anywhere.",
        mixinStandardHelpOptions = true)
final class DiffCommand implements Callable<Integer> {

    @Mixin private LogPart part = new LogPart();

    @Option(
            names = "--policy",
            paramLabel = "FOLDER|ARCHIVE",
            required = true,
            description = "The candidate, as 'policy test' takes it.")
    private Path policy = Path.of("");

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
                    "On top of the recorded ones and of those in policy.json; @FILE reads a file.")
    private String parameters = "{}";

    @Option(
            names = "--settings",
            paramLabel = "JSON",
            description = "On top of the recorded ones; @FILE reads a file.")
    private String settings = "{}";

    @Override
    public Integer call() throws IOException {
        AuthoredPolicy authored = AuthoredPolicy.read(policy);
        PolicyKind decides = kind != null ? kind : authored.kind().orElse(PolicyKind.AUTOSCALER);
        Json own =
                PolicyAssignment.merge(
                        authored.parameters(), JsonArgument.object("--parameters", parameters));
        Json ownSettings =
                PolicyAssignment.merge(
                        authored.settings(), JsonArgument.object("--settings", settings));
        Candidate candidate =
                new Candidate(
                        policy.toString(),
                        authored.archive(),
                        own,
                        ownSettings,
                        PolicyAssignment.Schemas.ofEntry(authored.entry()));
        DiffReport report;
        try {
            report = Diff.run(part.source(), part.selection(), decides.kind(), candidate);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        System.out.print(report.text());
        return report.differing() == 0 ? 0 : 1;
    }
}

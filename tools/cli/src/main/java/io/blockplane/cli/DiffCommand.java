package io.blockplane.cli;

import io.blockplane.policy.PolicyAssignment;
import io.blockplane.replay.Candidate;
import io.blockplane.replay.Diff;
import io.blockplane.replay.DiffReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
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

    @Mixin private PolicyValues values = new PolicyValues();

    @Override
    public Integer call() throws IOException {
        AuthoredPolicy authored = AuthoredPolicy.read(policy);
        Candidate candidate =
                new Candidate(
                        policy.toString(),
                        authored.archive(),
                        values.parameters(authored),
                        values.settings(authored),
                        PolicyAssignment.Schemas.ofEntry(authored.entry()));
        DiffReport report;
        try {
            report =
                    Diff.run(
                            part.source(),
                            part.selection(),
                            values.kind(authored).kind(),
                            candidate);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        System.out.print(report.text());
        return report.differing() == 0 ? 0 : 1;
    }
}

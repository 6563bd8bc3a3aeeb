package io.blockplane.cli;

import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** The {@code blockplane} command. */
@Command(
        name = "blockplane",
        description = "Serves AI workloads with decisions that can be proved.",
        mixinStandardHelpOptions = true,
        version = "blockplane 0.1.0",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            BlockCommand.class,
            PolicyCommand.class,
            InferCommand.class,
            LoadCommand.class,
            DecisionsCommand.class,
            ExplainCommand.class,
            ReplayCommand.class,
            BenchCommand.class
        })
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs one command line. Exit codes: 0 done, 1 refused or failed, 2 wrong usage. */
    public static int run(String... args) {
        IExecutionExceptionHandler oneLine =
                (Exception e, CommandLine command, ParseResult _) -> {
                    command.getErr().println("blockplane: " + reason(e));
                    return 1;
                };
        return new CommandLine(new Main())
                .setExecutionExceptionHandler(oneLine)
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args);
    }

    private static String reason(Throwable e) {
        @Nullable Throwable cause = e.getCause();
        if (e instanceof ExecutionException && cause != null) {
            return reason(cause);
        }
        String message = e.getMessage();
        return message == null || message.isBlank() ? e.toString() : message;
    }
}

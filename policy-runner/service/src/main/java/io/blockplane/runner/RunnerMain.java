package io.blockplane.runner;

import io.blockplane.log.Kafka;
import io.blockplane.policy.ExitLimit;
import io.blockplane.policy.HttpAccess;
import io.blockplane.policy.PolicyEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy runner as a process of its own: {@code RunnerMain <bootstrap servers> <runner id>
 * <allowed hosts, with commas between>}. Prints {@code READY <runtime>} on standard output when it
 * leads, and ends when its standard input does, so that it doesn't outlive the process that started
 * it.
 *
 * <p>A process, because a policy can do things to it that only its end cures: a few calls of Python
 * can't be interrupted, and their threads take a processor for good. When it has such a thread it
 * prints {@value #WORN}, and goes on until another one takes over from it. When it has evaluated a
 * policy for the first time it prints {@code DECIDED <processor time of the process until then, in
 * ms>}.
 */
public final class RunnerMain {

    /** Start another one, this one is worn out. */
    public static final String WORN = "WORN";

    /** Goes before what it runs policies with: it leads. */
    public static final String READY = "READY ";

    /** Goes before what it took to the first evaluation of a policy: processor time, ms. */
    public static final String DECIDED = "DECIDED ";

    private static final Logger LOG = LoggerFactory.getLogger(RunnerMain.class);
    private static final long LOOK_MS = 500;

    /** From the first sign of its end: for what is decided to reach the log. */
    private static final Duration EXIT_LIMIT = Duration.ofSeconds(8);

    private RunnerMain() {}

    public static void main(String[] args) throws InterruptedException {
        if (args.length != 3) {
            System.err.println("usage: RunnerMain <bootstrap servers> <runner id> <allowed hosts>");
            System.exit(2);
        }
        // Before anything else: a parent that is gone while this starts must not leave it behind.
        Thread.ofPlatform().daemon().name("parent-watch").start(RunnerMain::exitWhenInputEnds);
        System.exit(run(RunnerConfig.of(new Kafka(args[0]), args[1]), args[2]));
    }

    private static int run(RunnerConfig config, String allowedHosts) throws InterruptedException {
        List<String> hosts =
                Arrays.stream(allowedHosts.split(",")).filter(host -> !host.isBlank()).toList();
        PolicyEngine engine =
                PolicyEngine.create(
                        new PolicyEngine.Options(
                                PolicyEngine.Compilation.LATE, new HttpAccess(hosts)));
        // Before it leads: who leads now goes on until this one is quick.
        engine.warmUp().join();
        RunnerRole runner = new RunnerRole(config, engine);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(runner), "runner-shutdown"));
        runner.start();
        System.out.println(READY + engine.runtime());
        var _ = runner.firstDecision().thenAccept(RunnerMain::decided);
        boolean worn = false;
        while (true) {
            Throwable failure = runner.failure();
            if (failure != null) {
                LOG.atError().setCause(failure).log("policy runner failed");
                return 1;
            }
            if (!worn && engine.abandonedThreads() > 0) {
                worn = true;
                LOG.atWarn()
                        .addKeyValue("abandoned", engine.abandonedThreads())
                        .log("policy runner has threads that can't be stopped");
                System.out.println(WORN);
            }
            Thread.sleep(LOOK_MS);
        }
    }

    private static void decided(Duration cpuTime) {
        System.out.println(DECIDED + cpuTime.toMillis());
    }

    private static void exitWhenInputEnds() {
        try {
            while (System.in.read() != -1) {
                // Nothing is said to us; only the end matters.
            }
        } catch (IOException e) {
            // The pipe broke: the parent is gone.
        }
        System.exit(0);
    }

    private static void close(RunnerRole runner) {
        ExitLimit.begin(EXIT_LIMIT);
        runner.close();
    }
}

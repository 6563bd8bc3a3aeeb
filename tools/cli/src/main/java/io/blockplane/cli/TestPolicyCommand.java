package io.blockplane.cli;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.PolicyDecided.Printed;
import io.blockplane.policy.ChainPosition;
import io.blockplane.policy.MetricsSource;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.RecordedPolicy;
import io.blockplane.policy.Routed;
import io.blockplane.policy.RoutingLimits;
import io.blockplane.policy.RoutingPolicy;
import io.blockplane.policy.SelfTest;
import io.blockplane.policy.format.PolicySchema;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code policy test}: a policy on this machine, without a server. */
@Command(
        name = "test",
        description =
                "Runs a policy as the runner would, without a server: loads it, lets it decide on"
                        + " sample inputs, and runs the tests that lie beside it. Exit code 1 when"
                        + " a call does not return a usable result, or a test fails.",
        mixinStandardHelpOptions = true)
final class TestPolicyCommand implements Callable<Integer> {

    /** What the policy's clock shows first: 2026-01-01, noon. */
    private static final long NOON_MS = 1_767_268_800_000L;

    /** And from call to call. */
    private static final long STEP_MS = 30_000;

    private static final Duration TESTS_LIMIT = Duration.ofMinutes(2);

    @Parameters(
            paramLabel = "FOLDER|ARCHIVE",
            description = "With code/function.py in it: a folder, or what would be uploaded.")
    private Path source = Path.of("");

    @Mixin private PolicyValues values = new PolicyValues();

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description =
                    "Inputs to decide on (see docs/policy-author.md). Default: the"
                            + " sample-input.json beside code/, if there is one.")
    private @Nullable Path input;

    @Option(
            names = "--recorded",
            paramLabel = "FILE",
            description =
                    "Instead: a log that 'replay export' wrote. The policy is asked what the"
                            + " block's own was, at the same times and with the same metrics.")
    private @Nullable Path recorded;

    @Option(
            names = "--block",
            paramLabel = "ID",
            description = "Whose inputs of --recorded. Default: the one block that has some.")
    private @Nullable String blockId;

    private int failures;

    @Override
    public Integer call() throws IOException {
        AuthoredPolicy policy = AuthoredPolicy.read(source);
        PolicyKind decides = values.kind(policy);
        Json merged = values.parameters(policy);
        Json mergedSettings = values.settings(policy);
        require("parameters", policy.schema("policy_parameters_schema"), merged);
        require("settings", policy.schema("policy_settings_schema"), mergedSettings);
        List<SampleCall> calls = calls(policy, decides);
        try (PolicyEngine engine = PolicyEngine.create()) {
            boolean routes = decides == PolicyKind.BALANCER;
            PolicyAssignment assignment =
                    PolicyAssignment.of(
                                    engine,
                                    "test",
                                    decides.kind(),
                                    routes ? "test" : null,
                                    "test:0-local",
                                    policy.archive(),
                                    merged,
                                    mergedSettings,
                                    SampleCall.surroundings(calls))
                            .with(PolicyAssignment.Schemas.ofEntry(policy.entry()));
            if (routes) {
                route(engine, assignment, calls);
            } else {
                decide(engine, assignment, calls);
            }
            report(SelfTest.run(engine, policy.withTests(), NOON_MS, TESTS_LIMIT));
        }
        System.out.println(failures == 0 ? "ok" : failures + " failed");
        return failures == 0 ? 0 : 1;
    }

    private List<SampleCall> calls(AuthoredPolicy policy, PolicyKind decides) throws IOException {
        if (recorded == null) {
            if (blockId != null) {
                throw new IOException("--block: " + blockId + " (expected: with --recorded)");
            }
            return SampleCall.read(policy, input);
        }
        if (input != null) {
            throw new IOException("--input: " + input + " (expected: not beside --recorded)");
        }
        return SampleCall.recorded(recorded, decides, blockId);
    }

    /** What the policy's clock shows at a call. */
    private static long timeMs(SampleCall call, long beforeMs) {
        Long atMs = call.atMs();
        return atMs == null ? beforeMs + STEP_MS : atMs;
    }

    private static long startMs(List<SampleCall> calls) {
        Long firstMs = calls.isEmpty() ? null : calls.getFirst().atMs();
        return firstMs == null ? NOON_MS : firstMs;
    }

    private static void require(String what, Json schema, Json values) throws IOException {
        List<String> violations = PolicySchema.violations(schema, values);
        if (!violations.isEmpty()) {
            throw new IOException(what + violations.getFirst().substring(1));
        }
    }

    private void decide(PolicyEngine engine, PolicyAssignment assignment, List<SampleCall> calls) {
        try (RecordedPolicy policy =
                new RecordedPolicy(engine, assignment, ChainPosition.START, PolicyLimits.DEFAULT)) {
            long timeMs = startMs(calls);
            show("load", policy.init(timeMs, MetricsSource.NONE));
            int number = 0;
            for (SampleCall call : calls) {
                if (!policy.usable()) {
                    return;
                }
                number++;
                timeMs = timeMs(call, timeMs);
                show(call.what() + " " + number, call.run(policy, timeMs));
            }
        }
    }

    /** As an executor's lane does: a packet is an object, of which only what is read is taken. */
    private void route(PolicyEngine engine, PolicyAssignment assignment, List<SampleCall> calls) {
        try (RoutingPolicy policy =
                new RoutingPolicy(engine, assignment, ChainPosition.START, RoutingLimits.PATIENT)) {
            long timeMs = startMs(calls);
            show("load", policy.init(timeMs, MetricsSource.NONE));
            int number = 0;
            for (SampleCall call : calls) {
                if (!policy.usable()) {
                    return;
                }
                number++;
                timeMs = timeMs(call, timeMs);
                String what = call.what() + " " + number;
                switch (call) {
                    case SampleCall.Manage manage ->
                            show(
                                    what,
                                    policy.manage(
                                            timeMs,
                                            manage.action(),
                                            manage.data(),
                                            manage.metricsSource()));
                    case SampleCall.Eval eval ->
                            show(
                                    what,
                                    policy.route(
                                            timeMs,
                                            new SamplePacket(eval.input().node().path("packet")),
                                            eval.instances(),
                                            eval.metricsSource()));
                }
            }
        }
    }

    private void show(String what, Routed routed) {
        switch (routed) {
            case Routed.Chosen(String instanceId, Routed.Call call) ->
                    show(what, Outcome.RETURNED, instanceId, call.effects());
            case Routed.NoChoice(Outcome outcome, String error, Routed.Call call) ->
                    show(
                            what,
                            outcome == Outcome.RETURNED ? Outcome.UNUSABLE : outcome,
                            error,
                            call.effects());
            case Routed.NotCalled(String reason) -> show(what, Outcome.BROKEN, reason, List.of());
        }
    }

    private void show(String what, PolicyDecided decided) {
        Json output = decided.output();
        String error = decided.error();
        show(
                what,
                decided.outcome(),
                error != null ? error : output == null ? "" : output.text(),
                decided.effects());
        decided.fallbacks().forEach(fallback -> System.out.println("           ! " + fallback));
    }

    private void show(String what, Outcome outcome, String text, List<Effect> effects) {
        System.out.printf("%-10s %-9s %s%n", what, outcome, text);
        effects.forEach(effect -> {
            if (effect instanceof Printed printed) {
                System.out.println("           | " + printed.line());
            }
        });
        if (outcome != Outcome.RETURNED) {
            failures++;
        }
    }

    private void report(SelfTest.Result result) {
        for (Printed printed : result.printed()) {
            System.out.println("           | " + printed.line());
        }
        for (SelfTest.Case each : result.cases()) {
            System.out.printf(
                    "%-10s %-9s %s%s%n",
                    "test",
                    each.ended(),
                    each.name(),
                    each.detail().isEmpty()
                            ? ""
                            : "\n           " + each.detail().replace("\n", "\n           "));
            if (each.ended() == SelfTest.Ended.FAILED) {
                failures++;
            }
        }
        String error = result.error();
        if (error != null) {
            System.out.printf("%-10s %-9s %s%n", "tests", "FAILED", error);
            failures++;
        }
    }
}

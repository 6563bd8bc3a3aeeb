package io.blockplane.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.events.DecisionChain;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.PolicyDecided.Printed;
import io.blockplane.policy.format.PolicyArchive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The tests that a policy's author ships in the archive, run in the sandbox that the policy runs
 * in: classes of {@code unittest}, and plain functions and classes as pytest finds them, without
 * its fixtures. They are in files {@code test_*.py} and {@code *_test.py}, wherever they are.
 */
public final class SelfTest {

    /** Most files that are run. */
    private static final int MAX_FILES = 100;

    private SelfTest() {}

    /** How a test ended. */
    public enum Ended {
        PASSED,
        SKIPPED,
        FAILED
    }

    /**
     * A test.
     *
     * @param name {@code file::class::method}, or {@code file} when that could not be loaded
     * @param detail why it was skipped or failed; empty when it passed
     */
    public record Case(String name, Ended ended, String detail) {}

    /**
     * What came of all of them.
     *
     * @param error why they could not be run to their end; null when they could
     */
    public record Result(List<Case> cases, List<Printed> printed, @Nullable String error) {
        public Result {
            cases = List.copyOf(cases);
            printed = List.copyOf(printed);
        }

        /** Whether none failed; so too when there are none. */
        public boolean passed() {
            return error == null && cases.stream().noneMatch(c -> c.ended() == Ended.FAILED);
        }
    }

    /** The test files of an archive, by path. */
    public static List<String> files(PolicyArchive archive) {
        return archive.paths().stream().filter(SelfTest::isTest).limit(MAX_FILES).toList();
    }

    /**
     * Runs the tests of an archive, all in one interpreter.
     *
     * @param logicalTimeMs what their clock shows; it stands still
     * @param limit for all of them together
     */
    public static Result run(
            PolicyEngine engine, PolicyArchive archive, long logicalTimeMs, Duration limit) {
        List<String> files = files(archive);
        if (files.isEmpty()) {
            return new Result(List.of(), List.of(), null);
        }
        Lane lane = engine.lane("self-test");
        Recording recording = new Recording(MetricsSource.NONE, HttpSource.NONE, limit);
        Sandbox[] made = new Sandbox[1];
        Callable<Sandbox.Ended> tests =
                () -> {
                    Sandbox inside = engine.sandbox(archive);
                    made[0] = inside;
                    inside.add("selftest.py");
                    return inside.call(
                            recording,
                            inside.guest("self_test"),
                            DecisionChain.sha256("self-test"),
                            logicalTimeMs,
                            paths(files));
                };
        try {
            return switch (lane.run(tests, limit)) {
                case Lane.Ended.Done<Sandbox.Ended>(Sandbox.Ended ended) ->
                        ended.outcome() == Outcome.RETURNED
                                ? new Result(cases(ended.text()), printed(recording), null)
                                : new Result(List.of(), printed(recording), ended.text());
                case Lane.Ended.Threw<Sandbox.Ended>(Throwable error) ->
                        new Result(List.of(), printed(recording), "the sandbox failed: " + error);
                case Lane.Ended.Lost<Sandbox.Ended>(boolean _, String reason) ->
                        new Result(List.of(), printed(recording), reason);
            };
        } finally {
            engine.discard(lane, made[0]);
        }
    }

    private static boolean isTest(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.endsWith(".py") && (name.startsWith("test_") || name.endsWith("_test.py"));
    }

    private static String paths(List<String> files) {
        return EventJson.MAPPER
                .valueToTree(files.stream().map(file -> "/policy/" + file).toList())
                .toString();
    }

    private static List<Case> cases(String json) {
        List<Case> cases = new ArrayList<>();
        for (JsonNode each : Json.parse(json).node()) {
            cases.add(
                    new Case(
                            each.path(0).asText(),
                            Ended.valueOf(each.path(1).asText()),
                            each.path(2).asText()));
        }
        return cases;
    }

    private static List<Printed> printed(Recording recording) {
        List<Printed> printed = new ArrayList<>();
        for (Effect effect : recording.seal()) {
            if (effect instanceof Printed line) {
                printed.add(line);
            }
        }
        return printed;
    }
}

package io.blockplane.replay;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.PolicyVersion;
import io.blockplane.events.WindowClosed;
import io.blockplane.events.WindowClosed.InstanceWindow;
import io.blockplane.events.WindowStats;
import io.blockplane.events.WindowStats.Rolling;
import io.blockplane.policy.AutoscalerContract;
import io.blockplane.policy.ChainPosition;
import io.blockplane.policy.Metrics;
import io.blockplane.policy.MetricsSource;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.PolicyLine;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.windows.MetricsDocument;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Blocks whose policies have decided, and the logs that this left behind. */
final class Lives {

    static final long NOON = 1_700_000_000_000L;

    /** Looks at everything that may differ between two runs, and keeps state of every sort. */
    static final String CURIOUS =
            """
            import datetime, logging, random, secrets, time, uuid

            logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")

            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.get_metrics = settings["get_metrics"]
                    self.generator = random.Random()
                    self.seen = {uuid.uuid4().hex}
                    self.calls = 0

                def eval(self, parameters, input_data, context):
                    self.calls += 1
                    self.seen.add(str(random.random()))
                    metrics = self.get_metrics()
                    rate = metrics["block_metrics"][0]["llm_input_tokens_per_minute_rolling"]
                    logging.info("%s tokens a minute, %s", rate["average_1m"], self)
                    if self.calls % 4 == 0:
                        raise RuntimeError(f"every fourth call, {time.time()}")
                    return {
                        "skip": False, "operation": "upscale", "instances_count": self.calls,
                        "reason": f"{time.time()} {datetime.datetime.now()} {random.random()} "
                                  f"{uuid.uuid1()} {uuid.uuid4()} {secrets.token_hex(4)} "
                                  f"{self.generator.random()} {self.seen} {hash('x')}",
                    }

                def management(self, action, data):
                    self.seen.add(action)
                    return {"seen": len(self.seen), "drawn": random.random()}
            """;

    private static final String STUBBORN =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.calls = 0

                def eval(self, parameters, input_data, context):
                    self.calls += 1
                    while len(input_data["current_instances"]) == 3: pass
                    return {"skip": True, "reason": str(self.calls)}
            """;

    private Lives() {}

    /** One policy object and a few calls: cheap to verify. */
    static RecordedLog shortLife(PolicyEngine engine) {
        RecordedLog log = new RecordedLog();
        PolicyAssignment assignment = assignment(engine, "short", CURIOUS);
        log.archive(assignment.archive());
        try (PolicyLine line = PolicyLine.start(engine, assignment, PolicyLimits.PATIENT)) {
            for (int i = 0; i < 3; i++) {
                eval(log, line, "short", i);
            }
        }
        return log;
    }

    /** Two blocks; one is taken over by another runner, managed, and gets another version. */
    static RecordedLog longLife(PolicyEngine engine) {
        RecordedLog log = new RecordedLog();
        PolicyAssignment first = assignment(engine, "long", CURIOUS);
        PolicyAssignment second = assignment(engine, "long", CURIOUS + "\n# another version\n");
        log.archive(first.archive());
        log.archive(second.archive());
        List<PolicyDecided> decided = new ArrayList<>();
        try (PolicyLine line = PolicyLine.start(engine, first, PolicyLimits.PATIENT)) {
            for (int i = 0; i < 5; i++) {
                decided.addAll(eval(log, line, "long", i));
            }
        }
        try (PolicyLine line = resume(engine, first, decided)) {
            decided.addAll(
                    record(
                            log,
                            line.manage(
                                    NOON + 5_500,
                                    "calm",
                                    Json.parse("{\"x\":1}"),
                                    MetricsSource.NONE)));
            for (int i = 6; i < 8; i++) {
                decided.addAll(eval(log, line, "long", i));
            }
            line.assign(second);
            decided.addAll(eval(log, line, "long", 8));
        }
        try (PolicyLine line = resume(engine, second, decided)) {
            decided.addAll(eval(log, line, "long", 9));
        }
        stubbornLife(engine, log);
        return log;
    }

    /** A call that does not end, and a new object after it. */
    private static void stubbornLife(PolicyEngine engine, RecordedLog log) {
        PolicyAssignment assignment = assignment(engine, "stubborn", STUBBORN);
        log.archive(assignment.archive());
        PolicyLimits tight =
                new PolicyLimits(
                        Duration.ofMinutes(2), Duration.ofSeconds(30), Duration.ofSeconds(1));
        try (PolicyLine line = PolicyLine.start(engine, assignment, tight)) {
            for (int instances : new int[] {1, 2, 3, 1}) {
                record(log, line.eval(NOON + instances, input(instances), MetricsSource.NONE));
            }
        }
    }

    static PolicyLine resume(
            PolicyEngine engine, PolicyAssignment assignment, List<PolicyDecided> decided) {
        return PolicyLine.resume(
                        engine,
                        assignment,
                        PolicyLimits.PATIENT,
                        decided,
                        ChainPosition.after(decided.getLast()).previousHash(),
                        id ->
                                MetricsDocument.of(
                                        window(
                                                "long",
                                                Long.parseLong(id.replace("win-long-", "")))))
                .line();
    }

    static List<PolicyDecided> eval(RecordedLog log, PolicyLine line, String block, int i) {
        WindowClosed window = window(block, NOON + 1_000L * i);
        log.window(window);
        Metrics metrics =
                new Metrics(WindowClosed.id(block, window.asOfMs()), MetricsDocument.of(window));
        return record(log, line.eval(window.asOfMs(), input(1 + i % 2), () -> metrics));
    }

    static PolicyAssignment assignment(PolicyEngine engine, String block, String source) {
        PolicyArchive archive = PolicyArchive.ofFunction(source);
        return new PolicyAssignment(
                block,
                Kind.SCALE,
                null,
                new PolicyVersion("test:1-stable", archive.sha256(), engine.runtime()),
                archive,
                Json.parse("{\"p\":1}"),
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                PolicyAssignment.Schemas.NONE);
    }

    static WindowClosed window(String block, long asOfMs) {
        WindowStats stats = stats(asOfMs % 100_000 / 10.0);
        return new WindowClosed(
                block, asOfMs, 0, 0, 0, stats, List.of(new InstanceWindow("in-1", stats)));
    }

    static WindowStats stats(double x) {
        Rolling rolling = new Rolling(x, x / 3, 0, 1);
        return new WindowStats(
                rolling, rolling, rolling, rolling, rolling, rolling, rolling, rolling, rolling,
                rolling, rolling, rolling);
    }

    private static Json input(int instances) {
        List<String> ids = new ArrayList<>();
        for (int i = 1; i <= instances; i++) {
            ids.add("in-" + i);
        }
        return AutoscalerContract.input(Json.parse("{\"id\":\"b\"}"), Json.EMPTY_OBJECT, ids);
    }

    private static List<PolicyDecided> record(RecordedLog log, List<PolicyDecided> decided) {
        decided.forEach(log::decision);
        return decided;
    }
}

package io.blockplane.policy;

import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Printed;
import io.blockplane.policy.format.PolicyArchive;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Policies and calls that the tests share. */
final class Policies {

    /** Enough on a machine that does five other things. */
    static final PolicyLimits LIMITS = PolicyLimits.PATIENT;

    /** Limits for policies that are to run into them. */
    static final PolicyLimits TIGHT =
            new PolicyLimits(
                    Duration.ofMinutes(2), Duration.ofSeconds(30), Duration.ofMillis(1_500));

    static final long NOON = 1_700_000_000_000L;

    /**
     * Runs the code in its input. {@code answer(x)} returns x, {@code tell(x)} skips with x as the
     * reason.
     */
    static final String OBEDIENT =
            """
            class Answer(Exception):
                pass

            def answer(value):
                raise Answer(value)

            def tell(value):
                answer({"skip": True, "reason": str(value)})

            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.settings = settings
                    self.parameters = parameters
                    self.world = {
                        "self": self, "answer": answer, "tell": tell, "rule_id": rule_id,
                        "get_metrics": settings["get_metrics"],
                    }

                def eval(self, parameters, input_data, context):
                    self.world.update(parameters=parameters, input_data=input_data, context=context)
                    try:
                        exec(input_data["code"], self.world)
                    except Answer as given:
                        return given.args[0]
                    return {"skip": True}

                def management(self, action, data):
                    return {"action": action, "data": data}
            """;

    private Policies() {}

    static PolicyAssignment assignment(PolicyEngine engine, String source) {
        return assignment(engine, PolicyArchive.ofFunction(source));
    }

    static PolicyAssignment assignment(PolicyEngine engine, PolicyArchive archive) {
        return assignment(engine, Kind.SCALE, archive, Json.EMPTY_OBJECT);
    }

    static PolicyAssignment assignment(
            PolicyEngine engine, Kind kind, PolicyArchive archive, Json surroundings) {
        return PolicyAssignment.of(
                engine,
                "block-a",
                kind,
                null,
                "test:1-stable",
                archive,
                Json.parse("{\"p\":1}"),
                Json.parse("{\"s\":[1]}"),
                surroundings);
    }

    static PolicyLine line(PolicyEngine engine, String source, PolicyLimits limits) {
        return PolicyLine.start(engine, assignment(engine, source), limits);
    }

    /** The decision of an obedient policy about this code. */
    static PolicyDecided run(PolicyLine line, String code) {
        return line.eval(NOON, code(code), MetricsSource.NONE).getLast();
    }

    static Json code(String code) {
        return Json.of(EventJson.MAPPER.createObjectNode().put("code", code));
    }

    static Json instances(String... ids) {
        return AutoscalerContract.input(Json.EMPTY_OBJECT, Json.EMPTY_OBJECT, List.of(ids));
    }

    static List<String> printed(PolicyDecided decision) {
        return decision.effects().stream().flatMap(Policies::line).toList();
    }

    /** The record without what is measured. */
    static String stable(PolicyDecided decision) {
        return EventJson.text(decision)
                .replace("\"durationUs\":" + decision.durationUs(), "\"durationUs\":0");
    }

    private static Stream<String> line(Effect effect) {
        return effect instanceof Printed(String stream, String line)
                ? Stream.of(stream + ": " + line)
                : Stream.empty();
    }
}

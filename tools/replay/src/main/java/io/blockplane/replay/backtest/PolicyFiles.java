package io.blockplane.replay.backtest;

import io.blockplane.events.BlockDocument;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.PolicyVersion;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.simulator.policy.PythonBalancer;
import io.blockplane.simulator.policy.PythonScaler;
import io.blockplane.simulator.policy.RoutingAdvisor;
import io.blockplane.simulator.policy.Scaler;
import org.jspecify.annotations.Nullable;

/**
 * A policy version to be run in simulations.
 *
 * @param uri its name in the result
 * @param parameters whole: the version's with the block's own on top
 * @param settings likewise
 */
public record PolicyFiles(
        String uri,
        PolicyArchive archive,
        Json parameters,
        Json settings,
        PolicyAssignment.Schemas schemas) {

    /** The same with other parameters on top. */
    public PolicyFiles with(Json more) {
        return new PolicyFiles(
                uri, archive, PolicyAssignment.merge(parameters, more), settings, schemas);
    }

    /** A fresh autoscaler of a block. */
    public Scaler scaler(PolicyEngine engine, BlockSpec spec) {
        return new PythonScaler(engine, assignment(engine, spec, Kind.SCALE, null));
    }

    /** A fresh balancer of a block. */
    public RoutingAdvisor balancer(PolicyEngine engine, BlockSpec spec, long nowMs) {
        return new PythonBalancer(engine, assignment(engine, spec, Kind.ROUTE, "simulator"), nowMs);
    }

    private PolicyAssignment assignment(
            PolicyEngine engine, BlockSpec spec, Kind kind, @Nullable String lane) {
        return new PolicyAssignment(
                spec.blockId(),
                kind,
                lane,
                new PolicyVersion(uri, archive.sha256(), engine.runtime()),
                archive,
                parameters,
                settings,
                PolicyAssignment.surroundings(
                        Json.of(BlockDocument.of(spec)), BlockDocument.LOCAL_CLUSTER),
                schemas);
    }
}

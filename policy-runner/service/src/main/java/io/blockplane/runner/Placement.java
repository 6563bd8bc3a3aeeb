package io.blockplane.runner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.BlockDocument;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.Command.PolicyCall;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.Metrics;
import io.blockplane.policy.PlacementContract;
import io.blockplane.policy.PlacementContract.Action;
import io.blockplane.policy.PolicyAssignment;
import java.util.List;
import java.util.Optional;

/**
 * A block's resource allocator: asked for a node for each instance that the block is to have. What
 * it says is recorded; where there is one node only, the instance runs there whatever it says.
 */
final class Placement implements Decider {

    private final LineKey key;
    private final Shared shared;
    private final LivePolicy policy;
    private final Management management;
    private Now now = Now.BEFORE_ALL;

    Placement(LineKey key, Shared shared, DecisionHistory.OfLine recorded) {
        this.key = key;
        this.shared = shared;
        this.policy = new LivePolicy(key, shared, recorded);
        this.management = new Management(key, shared, policy);
    }

    @Override
    public List<Envelope<? extends Event>> onWindow(WindowClosed window) {
        now = new Now(window);
        return List.of();
    }

    @Override
    public void onProbe(Envelope<ProbeRecorded> probe) {
        // An instance that went away is run again where it was.
    }

    @Override
    public List<Envelope<? extends Event>> onRequested(Envelope<InstanceRequested> requested) {
        Optional<BlockView.Block> block = shared.blocks().block(key.blockId());
        Optional<PolicyAssignment> assignment = management.assignment();
        if (assignment.isEmpty()) {
            return List.of();
        }
        Metrics metrics = now.metrics();
        Json input = input(block.orElseThrow(), requested.event(), metrics);
        List<PolicyDecided> decisions =
                policy.eval(
                        assignment.get(),
                        Math.max(now.timeMs(requested.timeMs()), policy.lastMs()),
                        input,
                        metrics);
        return management.written(decisions, requested.correlationId(), requested.id());
    }

    @Override
    public List<Envelope<? extends Event>> onCall(LogRecord<Event> record, PolicyCall call) {
        return management.call(record, call, now);
    }

    @Override
    public void close() {
        policy.close();
    }

    private static Json input(BlockView.Block block, InstanceRequested requested, Metrics newest) {
        JsonNode metrics = newest.document().json().node();
        ObjectNode payload = EventJson.MAPPER.createObjectNode();
        payload.set("block", BlockDocument.of(block.spec()));
        payload.set("cluster", BlockDocument.LOCAL_CLUSTER.node());
        payload.set("cluster_metrics", metrics.path("cluster_metrics"));
        payload.putArray("healthy_nodes")
                .addObject()
                .put("id", BlockDocument.LOCAL_NODE)
                .put("nodeId", BlockDocument.LOCAL_NODE);
        boolean atFirst = requested.ordinal() <= block.spec().minInstances();
        if (!atFirst) {
            payload.set("block_metrics", metrics.path("block_metrics"));
        }
        return PlacementContract.input(
                atFirst ? Action.ALLOCATION : Action.SCALE, Json.of(payload));
    }
}

package io.blockplane.runner;

import io.blockplane.events.BlockDocument;
import io.blockplane.events.Command.PolicyCall;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.AutoscalerContract;
import io.blockplane.policy.PolicyAssignment;
import java.util.List;
import java.util.Optional;

/** A block's autoscaler: decides on windows, at its own interval of event time. */
final class Autoscaler implements Decider {

    /** The setting that says how often it decides, seconds of event time. */
    static final String INTERVAL_SETTING = "intervalSeconds";

    /** As in the system that users come from. */
    static final double DEFAULT_INTERVAL_SECONDS = 30;

    private final LineKey key;
    private final Shared shared;
    private final LivePolicy policy;
    private final Management management;
    private Now now = Now.BEFORE_ALL;

    Autoscaler(LineKey key, Shared shared, DecisionHistory.OfLine recorded) {
        this.key = key;
        this.shared = shared;
        this.policy = new LivePolicy(key, shared, recorded);
        this.management = new Management(key, shared, policy);
    }

    @Override
    public List<Envelope<? extends Event>> onWindow(WindowClosed window) {
        String windowId = WindowClosed.id(key.blockId(), window.asOfMs());
        now = new Now(window);
        Optional<BlockView.Block> block = shared.blocks().block(key.blockId());
        Optional<PolicyAssignment> assignment = management.assignment();
        if (assignment.isEmpty() || !due(window, assignment.get().settings())) {
            return List.of();
        }
        List<PolicyDecided> decisions =
                policy.eval(
                        assignment.get(),
                        window.asOfMs(),
                        input(block.orElseThrow()),
                        now.metrics());
        return management.written(decisions, windowId, windowId);
    }

    @Override
    public void onProbe(Envelope<ProbeRecorded> probe) {
        // It decides on what tasks show.
    }

    @Override
    public List<Envelope<? extends Event>> onCall(LogRecord<Event> record, PolicyCall call) {
        return management.call(record, call, now);
    }

    @Override
    public void close() {
        policy.close();
    }

    /** What it is asked now. */
    static Json input(BlockView.Block block) {
        return AutoscalerContract.input(
                Json.of(BlockDocument.of(block.spec())),
                BlockDocument.LOCAL_CLUSTER,
                List.copyOf(block.instances().keySet()));
    }

    private boolean due(WindowClosed window, Json settings) {
        long last = policy.lastEvalMs();
        long wait = Math.max(intervalMs(settings), policy.pauseMs());
        return window.asOfMs() > last && (last == 0 || window.asOfMs() >= last + wait);
    }

    /** Of the merged settings; what is no positive number counts as the default. */
    static long intervalMs(Json settings) {
        double seconds = settings.node().path(INTERVAL_SETTING).asDouble(DEFAULT_INTERVAL_SECONDS);
        return Math.max(
                1000, Math.round((seconds > 0 ? seconds : DEFAULT_INTERVAL_SECONDS) * 1000));
    }
}

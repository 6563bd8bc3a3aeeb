package io.blockplane.simulator.policy;

import io.blockplane.events.BlockDocument;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.events.WindowClosed;
import io.blockplane.policy.AutoscalerContract;
import io.blockplane.policy.Metrics;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.PolicyLine;
import io.blockplane.windows.MetricsDocument;
import java.util.List;

/**
 * A user's autoscaler, run by the production host on simulated windows: the same calls with the
 * same documents as the policy runner makes.
 */
public final class PythonScaler implements Scaler {

    /** The setting that says how often it decides, seconds of event time. */
    private static final String INTERVAL_SETTING = "intervalSeconds";

    private static final double DEFAULT_INTERVAL_SECONDS = 30;

    private final PolicyLine line;
    private final long intervalMs;
    private String lastError = "";

    /**
     * Makes one; its interpreter begins with the first decision.
     *
     * @param assignment of kind SCALE
     */
    public PythonScaler(PolicyEngine engine, PolicyAssignment assignment) {
        this.line = PolicyLine.start(engine, assignment, PolicyLimits.PATIENT);
        double seconds =
                assignment
                        .settings()
                        .node()
                        .path(INTERVAL_SETTING)
                        .asDouble(DEFAULT_INTERVAL_SECONDS);
        this.intervalMs =
                Math.max(
                        1_000,
                        Math.round((seconds > 0 ? seconds : DEFAULT_INTERVAL_SECONDS) * 1_000));
    }

    @Override
    public long intervalMs() {
        return intervalMs;
    }

    @Override
    public ScaleAction decide(Situation now) {
        WindowClosed window = now.window();
        String windowId = WindowClosed.id(window.blockId(), window.asOfMs());
        Metrics metrics = new Metrics(windowId, MetricsDocument.of(window));
        Json input =
                AutoscalerContract.input(
                        Json.of(BlockDocument.of(now.spec())),
                        BlockDocument.LOCAL_CLUSTER,
                        now.wanted());
        List<PolicyDecided> decided = line.eval(window.asOfMs(), input, () -> metrics);
        PolicyDecided last = decided.getLast();
        lastError = last.error() == null ? "" : last.error();
        return last.action();
    }

    /** What was wrong with the last decision; empty when nothing was. */
    public String lastError() {
        return lastError;
    }

    @Override
    public void close() {
        line.close();
    }
}

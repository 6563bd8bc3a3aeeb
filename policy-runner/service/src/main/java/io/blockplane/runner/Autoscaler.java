package io.blockplane.runner;

import io.blockplane.events.BlockDocument;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.MetricsRead;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.Kafka;
import io.blockplane.policy.AutoscalerContract;
import io.blockplane.policy.Metrics;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.PolicyLine;
import io.blockplane.policy.Rebuilt;
import io.blockplane.windows.MetricsDocument;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a block's autoscaler policy decides, and on what. Its state is that of the recorded
 * decisions: they are fed to the policy before the first new one. Used by one thread.
 */
final class Autoscaler implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Autoscaler.class);

    /** The name under which a block binds its autoscaler. */
    static final String POLICY_NAME = "autoscaler";

    /** The setting that says how often it decides, seconds of event time. */
    static final String INTERVAL_SETTING = "intervalSeconds";

    /** As in the system that users come from. */
    static final double DEFAULT_INTERVAL_SECONDS = 30;

    /**
     * After calls that had to be cut short, so that a hanging policy does not eat the machine: at
     * most this long.
     */
    private static final long MAX_PAUSE_MS = 300_000;

    private final String blockId;
    private final PolicyEngine engine;
    private final Kafka kafka;
    private DecisionHistory.OfBlock recorded;
    private @Nullable PolicyLine line;
    private long lastDecidedMs;
    private long pauseMs;

    Autoscaler(String blockId, PolicyEngine engine, Kafka kafka, DecisionHistory.OfBlock recorded) {
        this.blockId = blockId;
        this.engine = engine;
        this.kafka = kafka;
        this.recorded = recorded;
        this.lastDecidedMs =
                recorded.decisions().isEmpty() ? 0 : recorded.decisions().getLast().logicalTimeMs();
    }

    /**
     * The records of what the policy did with this window, in order; empty when it is not its time
     * yet.
     */
    List<PolicyDecided> decide(
            BlockView.Block block,
            PolicyBinding binding,
            PolicyCatalogue.Version version,
            WindowClosed window) {
        Json settings = PolicyAssignment.merge(version.registered().settings(), binding.settings());
        long due = lastDecidedMs + Math.max(intervalMs(settings), pauseMs);
        if (window.asOfMs() <= lastDecidedMs || (lastDecidedMs > 0 && window.asOfMs() < due)) {
            return List.of();
        }
        PolicyAssignment assignment =
                PolicyAssignment.scale(
                        engine,
                        blockId,
                        binding.policyUri(),
                        version.archive(),
                        PolicyAssignment.merge(
                                version.registered().parameters(), binding.parameters()),
                        settings);
        Json input =
                AutoscalerContract.input(
                        Json.of(BlockDocument.of(block.spec())),
                        BlockDocument.LOCAL_CLUSTER,
                        block.instances());
        Metrics metrics =
                new Metrics(WindowClosed.id(blockId, window.asOfMs()), MetricsDocument.of(window));
        List<PolicyDecided> decisions =
                line(assignment).eval(window.asOfMs(), input, () -> metrics);
        lastDecidedMs = window.asOfMs();
        pause(decisions, intervalMs(settings));
        return decisions;
    }

    @Override
    public void close() {
        if (line != null) {
            line.close();
        }
    }

    private PolicyLine line(PolicyAssignment assignment) {
        PolicyLine existing = line;
        if (existing != null) {
            existing.assign(assignment);
            return existing;
        }
        PolicyLine.Resumed resumed =
                PolicyLine.resume(
                        engine,
                        assignment,
                        PolicyLimits.DEFAULT,
                        recorded.decisions(),
                        recorded.lastHash(),
                        documents(recorded.decisions())::get);
        report(resumed.rebuilt());
        // They are in the policy now.
        recorded = DecisionHistory.OfBlock.NONE;
        line = resumed.line();
        return resumed.line();
    }

    private void report(@Nullable Rebuilt rebuilt) {
        switch (rebuilt) {
            case null -> {}
            case Rebuilt.Same same ->
                    LOG.atInfo()
                            .addKeyValue("blockId", blockId)
                            .addKeyValue("calls", same.calls())
                            .log("policy state rebuilt");
            case Rebuilt.Different different ->
                    LOG.atWarn()
                            .addKeyValue("blockId", blockId)
                            .addKeyValue("sequence", different.recorded().sequence())
                            .log("policy came out otherwise than recorded: it starts afresh");
            case Rebuilt.Impossible impossible ->
                    LOG.atWarn()
                            .addKeyValue("blockId", blockId)
                            .addKeyValue("reason", impossible.reason())
                            .log("policy state can't be rebuilt: it starts afresh");
        }
    }

    private Map<String, Json> documents(List<PolicyDecided> decisions) {
        if (decisions.isEmpty()) {
            return Map.of();
        }
        Set<String> windowIds = new HashSet<>();
        for (PolicyDecided decision : decisions) {
            for (Effect effect : decision.effects()) {
                if (effect instanceof MetricsRead read && read.windowId() != null) {
                    windowIds.add(read.windowId());
                }
            }
        }
        Map<String, Json> documents = new HashMap<>();
        WindowLookup.find(kafka, windowIds, decisions.getFirst().logicalTimeMs())
                .forEach((id, window) -> documents.put(id, MetricsDocument.of(window)));
        return documents;
    }

    private void pause(List<PolicyDecided> decisions, long intervalMs) {
        boolean cutShort = decisions.stream().anyMatch(d -> !d.outcome().reproducible());
        pauseMs = cutShort ? Math.min(MAX_PAUSE_MS, Math.max(intervalMs, pauseMs) * 2) : 0;
    }

    /** Of the merged settings; what is no positive number counts as the default. */
    static long intervalMs(Json settings) {
        double seconds = settings.node().path(INTERVAL_SETTING).asDouble(DEFAULT_INTERVAL_SECONDS);
        return Math.max(
                1000, Math.round((seconds > 0 ? seconds : DEFAULT_INTERVAL_SECONDS) * 1000));
    }
}

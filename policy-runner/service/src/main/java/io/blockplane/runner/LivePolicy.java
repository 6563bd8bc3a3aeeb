package io.blockplane.runner;

import io.blockplane.events.BlockDocument;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.MetricsRead;
import io.blockplane.events.document.Document;
import io.blockplane.policy.Metrics;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.PolicyLine;
import io.blockplane.policy.Rebuilt;
import io.blockplane.windows.MetricsDocument;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy of a line, with the state that the recorded decisions gave it: they are fed to it
 * before the first new one. Writes its state down now and then, so that this stays short. Used by
 * one thread.
 */
final class LivePolicy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LivePolicy.class);

    /** Calls cut short one after another after which a policy is not fit to run. */
    static final int UNFIT_AFTER = 3;

    /**
     * After calls that had to be cut short, so that a hanging policy does not eat the machine: at
     * most this long.
     */
    private static final long MAX_PAUSE_MS = 300_000;

    /** A management call may read a window that closed a while before it: at most this long. */
    private static final long WINDOW_AGE_MS = 600_000;

    private final LineKey key;
    private final Shared shared;
    private DecisionHistory.OfLine recorded;
    private @Nullable PolicyLine line;
    private long lastMs;
    private long lastEvalMs;
    private long pauseMs;
    private int sinceSnapshot;
    private int cutShort;

    LivePolicy(LineKey key, Shared shared, DecisionHistory.OfLine recorded) {
        this.key = key;
        this.shared = shared;
        this.recorded = recorded;
        this.lastMs =
                recorded.decisions().isEmpty() ? 0 : recorded.decisions().getLast().logicalTimeMs();
        this.lastEvalMs =
                recorded.decisions().stream()
                        .filter(d -> d.call() == PolicyDecided.Call.EVAL)
                        .mapToLong(PolicyDecided::logicalTimeMs)
                        .max()
                        .orElse(0);
        this.cutShort = recorded.cutShort();
        this.sinceSnapshot = callsSinceSnapshot(recorded.decisions());
    }

    /** Logical time of the last decision; 0 when there is none. */
    long lastMs() {
        return lastMs;
    }

    /** Logical time of the last evaluation; 0 when there is none. */
    long lastEvalMs() {
        return lastEvalMs;
    }

    /** How long it is to be left alone after {@link #lastMs}, since it had to be cut short. */
    long pauseMs() {
        return pauseMs;
    }

    /** Why it is not fit to run; empty while it is. */
    Optional<String> unfit() {
        return cutShort >= UNFIT_AFTER
                ? Optional.of(cutShort + " calls one after another had to be cut short")
                : Optional.empty();
    }

    /** What this binding means, once the version and its archive stand in the log. */
    Optional<PolicyAssignment> assignment(BlockView.Block block, PolicyBinding binding) {
        Optional<PolicyCatalogue.Version> version = shared.policies().version(binding.policyUri());
        if (version.isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("blockId", key.blockId())
                    .addKeyValue("policyUri", binding.policyUri())
                    .log("policy is not in the log (yet)");
        }
        return version.map(v ->
                v.assigned(
                        shared.engine(),
                        key,
                        binding.parameters(),
                        binding.settings(),
                        surroundings(block)));
    }

    /** The records of an evaluation, in order. */
    List<PolicyDecided> eval(
            PolicyAssignment assignment, long timeMs, Json input, Metrics metrics) {
        lastEvalMs = timeMs;
        return call(assignment, timeMs, living -> living.eval(timeMs, input, () -> metrics));
    }

    /** The records of a management call, in order. */
    List<PolicyDecided> manage(
            PolicyAssignment assignment, long timeMs, String action, Json data, Metrics metrics) {
        return call(
                assignment, timeMs, living -> living.manage(timeMs, action, data, () -> metrics));
    }

    /** As {@link #eval}, by an object that has seen nothing before. */
    List<PolicyDecided> evalOnce(
            PolicyAssignment assignment, long timeMs, Json input, Metrics metrics) {
        line(assignment).renew();
        return call(assignment, timeMs, living -> living.eval(timeMs, input, () -> metrics));
    }

    @Override
    public void close() {
        if (line != null) {
            line.close();
        }
    }

    static Json surroundings(BlockView.Block block) {
        return surroundings(Json.of(BlockDocument.of(block.spec())));
    }

    static Json surroundings(Json blockData) {
        return PolicyAssignment.surroundings(blockData, BlockDocument.LOCAL_CLUSTER);
    }

    private List<PolicyDecided> call(
            PolicyAssignment assignment,
            long timeMs,
            Function<PolicyLine, List<PolicyDecided>> call) {
        PolicyLine living = line(assignment);
        List<PolicyDecided> decisions = new ArrayList<>(call.apply(living));
        lastMs = Math.max(lastMs, timeMs);
        boolean cut = decisions.stream().anyMatch(d -> !d.outcome().reproducible());
        cutShort = cut ? cutShort + 1 : 0;
        pauseMs = cut ? Math.min(MAX_PAUSE_MS, Math.max(1_000, pauseMs * 2)) : 0;
        sinceSnapshot = cut ? 0 : sinceSnapshot + decisions.size();
        if (sinceSnapshot >= shared.snapshotEvery()) {
            sinceSnapshot = 0;
            decisions.addAll(living.snapshot(timeMs));
        }
        return decisions;
    }

    private static int callsSinceSnapshot(List<PolicyDecided> decisions) {
        int calls = 0;
        for (PolicyDecided decision : decisions) {
            calls = decision.call() == PolicyDecided.Call.SNAPSHOT ? 0 : calls + 1;
        }
        return calls;
    }

    private PolicyLine line(PolicyAssignment assignment) {
        PolicyLine existing = line;
        if (existing != null) {
            existing.assign(assignment);
            return existing;
        }
        PolicyLine.Resumed resumed =
                PolicyLine.resume(
                        shared.engine(),
                        assignment,
                        PolicyLimits.DEFAULT,
                        recorded.decisions(),
                        recorded.lastHash(),
                        documents(shared, recorded.decisions())::get);
        report(resumed.rebuilt());
        // They are in the policy now.
        recorded = DecisionHistory.OfLine.NONE;
        line = resumed.line();
        return resumed.line();
    }

    private void report(@Nullable Rebuilt rebuilt) {
        switch (rebuilt) {
            case null -> {}
            case Rebuilt.Same same ->
                    LOG.atInfo()
                            .addKeyValue("line", key)
                            .addKeyValue("calls", same.calls())
                            .log("policy state rebuilt");
            case Rebuilt.Different different ->
                    LOG.atWarn()
                            .addKeyValue("line", key)
                            .addKeyValue("sequence", different.recorded().sequence())
                            .log("policy came out otherwise than recorded: it starts afresh");
            case Rebuilt.Impossible impossible ->
                    LOG.atWarn()
                            .addKeyValue("line", key)
                            .addKeyValue("reason", impossible.reason())
                            .log("policy state can't be rebuilt: it starts afresh");
        }
    }

    /** The documents of the windows that these decisions read, by window id. */
    static Map<String, Document> documents(Shared shared, List<PolicyDecided> decisions) {
        Set<String> windowIds = new HashSet<>();
        long fromMs = Long.MAX_VALUE;
        for (PolicyDecided decision : decisions) {
            for (Effect effect : decision.effects()) {
                if (effect instanceof MetricsRead read && read.windowId() != null) {
                    windowIds.add(read.windowId());
                    fromMs = Math.min(fromMs, decision.logicalTimeMs() - WINDOW_AGE_MS);
                }
            }
        }
        Map<String, Document> documents = new HashMap<>();
        WindowLookup.find(shared.kafka(), windowIds, fromMs)
                .forEach((id, window) -> documents.put(id, MetricsDocument.of(window)));
        return documents;
    }
}

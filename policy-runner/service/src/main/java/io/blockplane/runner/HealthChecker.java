package io.blockplane.runner;

import io.blockplane.events.BlockDocument;
import io.blockplane.events.Command.PolicyCall;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.HealthContract;
import io.blockplane.policy.PolicyAssignment;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A block's health checker: decides once on each round of probes. A round is over when each
 * instance has been probed that was probed before, or when the first of them is a while ago.
 */
final class HealthChecker implements Decider {

    /** A round is taken as it is when its first probe is so long ago, event time. */
    static final long ROUND_LIMIT_MS = 6_000;

    private final LineKey key;
    private final Shared shared;
    private final LivePolicy policy;
    private final Management management;
    private final SortedMap<String, Envelope<ProbeRecorded>> round = new TreeMap<>();
    private Now now = Now.BEFORE_ALL;
    private @Nullable Envelope<ProbeRecorded> lastProbe;
    private long notBeforeMs;

    HealthChecker(LineKey key, Shared shared, DecisionHistory.OfLine recorded) {
        this.key = key;
        this.shared = shared;
        this.policy = new LivePolicy(key, shared, recorded);
        this.management = new Management(key, shared, policy);
    }

    @Override
    public void onProbe(Envelope<ProbeRecorded> probe) {
        round.put(probe.event().instanceId(), probe);
        lastProbe = probe;
    }

    @Override
    public List<Envelope<? extends Event>> onWindow(WindowClosed window) {
        now = new Now(window);
        Envelope<ProbeRecorded> cause = lastProbe;
        Optional<BlockView.Block> block = shared.blocks().block(key.blockId());
        if (cause == null
                || block.isEmpty()
                || window.asOfMs() < notBeforeMs
                || !roundOver(block.get(), window.asOfMs())) {
            return List.of();
        }
        Optional<PolicyAssignment> assignment = management.assignment();
        SortedMap<String, Boolean> health = health(block.get());
        round.clear();
        lastProbe = null;
        if (assignment.isEmpty() || health.isEmpty()) {
            return List.of();
        }
        List<PolicyDecided> decisions =
                policy.eval(
                        assignment.get(),
                        Math.max(window.asOfMs(), policy.lastMs()),
                        input(block.get(), health),
                        now.metrics());
        notBeforeMs = policy.lastMs() + policy.pauseMs();
        return management.written(decisions, cause.id(), cause.id());
    }

    @Override
    public List<Envelope<? extends Event>> onCall(LogRecord<Event> record, PolicyCall call) {
        return management.call(record, call, now);
    }

    @Override
    public void close() {
        policy.close();
    }

    /** What it is asked for these probes. */
    static Json input(BlockView.Block block, SortedMap<String, Boolean> health) {
        SortedMap<String, Json> pods = new TreeMap<>();
        health.keySet().forEach(id -> pods.put(id, pod(block, id)));
        return HealthContract.input(
                Json.of(BlockDocument.of(block.spec())), BlockDocument.LOCAL_CLUSTER, health, pods);
    }

    private static Json pod(BlockView.Block block, String instanceId) {
        Optional<InstanceAddress> address = block.instances().get(instanceId);
        return address == null || address.isEmpty()
                ? HealthContract.pod(block.spec().blockId(), instanceId, "", "Pending")
                : HealthContract.pod(
                        block.spec().blockId(),
                        instanceId,
                        URI.create(address.get().healthUrl()).getHost(),
                        "Running");
    }

    private boolean roundOver(BlockView.Block block, long nowMs) {
        long first = round.values().stream().mapToLong(p -> p.event().atMs()).min().orElse(nowMs);
        boolean all =
                block.instances().entrySet().stream()
                        .filter(i -> i.getValue().isPresent())
                        .allMatch(i -> round.containsKey(i.getKey()));
        return all || nowMs - first >= ROUND_LIMIT_MS;
    }

    private SortedMap<String, Boolean> health(BlockView.Block block) {
        SortedMap<String, Boolean> health = new TreeMap<>();
        round.forEach((id, probe) -> {
            if (block.instances().containsKey(id)) {
                health.put(id, probe.event().healthy());
            }
        });
        return health;
    }
}

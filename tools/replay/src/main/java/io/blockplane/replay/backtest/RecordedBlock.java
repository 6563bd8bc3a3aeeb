package io.blockplane.replay.backtest;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.Command;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyEvent.ArchiveStored;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.Topic;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.replay.LogSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a log says of one block, as far as a backtest needs it. */
final class RecordedBlock {

    private final String blockId;
    private final MessageDigest digest;
    private final List<TaskFinished> tasks = new ArrayList<>();
    private final InstanceLives lives = new InstanceLives();
    private final Map<String, Long> decidedMs = new HashMap<>();
    private final List<Long> evaluationsMs = new ArrayList<>();
    private final List<Double> decisionLagsMs = new ArrayList<>();
    private final Map<String, PolicyRegistered> versions = new HashMap<>();
    private final Map<String, PolicyArchive> archives = new HashMap<>();
    private final Map<String, BlockSpec.PolicyBinding> bindings = new HashMap<>();
    private long unreadable;
    private @Nullable BlockSpec created;

    private RecordedBlock(String blockId) {
        this.blockId = blockId;
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Reads it.
     *
     * @throws IOException when the log can't be read or has no such block
     */
    static RecordedBlock read(LogSource source, String blockId) throws IOException {
        RecordedBlock block = new RecordedBlock(blockId);
        source.read(Topic.EVENTS, block.collecting(block::event));
        source.read(Topic.DECISIONS, block.collecting(block::decision));
        source.read(Topic.COMMANDS, block.collecting(block::command));
        source.read(Topic.TASKS, block.collecting(block::task));
        source.read(Topic.POLICIES, block.collecting(block::policy));
        if (block.created == null) {
            throw new IOException(
                    "block: %s (expected: one whose creation is in %s)"
                            .formatted(blockId, source.name()));
        }
        return block;
    }

    /** What these records say, in their order. */
    static RecordedBlock of(String blockId, List<LogRecord<Event>> records) {
        RecordedBlock block = new RecordedBlock(blockId);
        records.forEach(record -> {
            block.event(record);
            block.decision(record);
            block.command(record);
            block.task(record);
            block.policy(record);
        });
        return block;
    }

    /** As it was created, with the policies that are active at the log's end. */
    BlockSpec spec() {
        BlockSpec spec = created;
        if (spec == null) {
            throw new IllegalStateException("no block");
        }
        return new BlockSpec(
                spec.blockId(),
                spec.componentUri(),
                spec.minInstances(),
                spec.maxInstances(),
                spec.blockInitData(),
                spec.initSettings(),
                spec.parameters(),
                new java.util.TreeMap<>(bindings));
    }

    List<TaskFinished> tasks() {
        return tasks;
    }

    InstanceLives lives() {
        return lives;
    }

    /** From the end of a window until the command that was decided on it, milliseconds. */
    List<Double> decisionLagsMs() {
        return decisionLagsMs;
    }

    /** Logical times of the autoscaler's evaluations, in order. */
    List<Long> evaluationsMs() {
        return evaluationsMs;
    }

    /** Records that are no event we know. */
    long unreadable() {
        return unreadable;
    }

    String sha256() {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The policy of a name, if it is one with an archive in the log. */
    Optional<PolicyFiles> policy(String name) {
        BlockSpec.PolicyBinding binding = bindings.get(name);
        PolicyRegistered version = binding == null ? null : versions.get(binding.policyUri());
        PolicyArchive archive = version == null ? null : archives.get(version.archiveSha256());
        if (binding == null || version == null || archive == null) {
            return Optional.empty();
        }
        return Optional.of(
                new PolicyFiles(
                        version.uri(),
                        archive,
                        PolicyAssignment.merge(version.parameters(), binding.parameters()),
                        PolicyAssignment.merge(version.settings(), binding.settings()),
                        PolicyAssignment.Schemas.ofEntry(version.entry())));
    }

    private void event(LogRecord<Event> record) {
        if (!(record.event() instanceof BlockEvent event) || !event.blockId().equals(blockId)) {
            return;
        }
        digest(record);
        long atMs = record.envelope().timeMs();
        switch (event) {
            case BlockEvent.BlockCreated e -> {
                created = e.spec();
                bindings.putAll(e.spec().policies());
                lives.created(atMs);
            }
            case BlockEvent.PolicyActivated e -> bindings.put(e.policyName(), e.binding());
            case BlockEvent.PolicyQuarantined e -> bindings.remove(e.policyName());
            case BlockEvent.ScaleApplied _,
                    BlockEvent.InstanceRequested _,
                    BlockEvent.InstanceReady _,
                    BlockEvent.InstanceLost _,
                    BlockEvent.InstanceDraining _,
                    BlockEvent.InstanceDrained _,
                    BlockEvent.InstanceStopped _ ->
                    lives.event(event, atMs);
            case BlockEvent.PolicyProposed _,
                    BlockEvent.PolicyRefused _,
                    BlockEvent.PolicyShadowed _,
                    BlockEvent.ShadowEnded _,
                    BlockEvent.CommandRefused _ -> {}
        }
    }

    private void decision(LogRecord<Event> record) {
        if (record.event() instanceof PolicyDecided decided
                && decided.blockId().equals(blockId)
                && decided.kind() == Kind.SCALE
                && decided.lane() == null
                && decided.call() == Call.EVAL) {
            decidedMs.put(record.envelope().id(), decided.logicalTimeMs());
            evaluationsMs.add(decided.logicalTimeMs());
        }
    }

    private void command(LogRecord<Event> record) {
        String cause = record.envelope().causationId();
        Long decided = cause == null ? null : decidedMs.get(cause);
        if (record.event() instanceof Command.ScaleBlock && decided != null) {
            decisionLagsMs.add((double) Math.max(0, record.envelope().timeMs() - decided));
        }
    }

    private void task(LogRecord<Event> record) {
        if (record.event() instanceof TaskFinished task && task.blockId().equals(blockId)) {
            digest(record);
            tasks.add(task);
            if (task.instanceId() != null) {
                lives.task(task.instanceId(), task.atMs());
            }
        }
    }

    private void policy(LogRecord<Event> record) {
        if (record.event() instanceof PolicyRegistered registered) {
            versions.put(registered.uri(), registered);
        } else if (record.event() instanceof ArchiveStored stored
                && PolicyArchive.read(Base64.getDecoder().decode(stored.contentBase64()))
                        instanceof PolicyArchive.Accepted(PolicyArchive archive)) {
            archives.put(archive.sha256(), archive);
        }
    }

    private void digest(LogRecord<Event> record) {
        digest.update(record.value().getBytes(StandardCharsets.UTF_8));
    }

    private interface Handler {
        void handle(LogRecord<Event> record);
    }

    private LogSource.Reader collecting(Handler handler) {
        return new LogSource.Reader() {
            @Override
            public void event(LogRecord<Event> record) {
                handler.handle(record);
            }

            @Override
            public void unreadable(
                    org.apache.kafka.clients.consumer.ConsumerRecord<String, byte[]> record,
                    String reason) {
                unreadable++;
            }
        };
    }
}

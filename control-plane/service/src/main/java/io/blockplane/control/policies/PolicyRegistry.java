package io.blockplane.control.policies;

import io.blockplane.control.command.LeaderLog;
import io.blockplane.control.view.Arrivals;
import io.blockplane.events.DecisionChain;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyEvent;
import io.blockplane.events.PolicyEvent.ArchiveStored;
import io.blockplane.events.PolicyEvent.ArchiveUploaded;
import io.blockplane.events.PolicyEvent.PolicyDeleted;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogTail;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Policy versions, uploads and archives as the log has them. Writes go through the leader, one at a
 * time, and are answered when this view shows them. Thread safe; writes block.
 */
public final class PolicyRegistry implements AutoCloseable {

    private static final Duration WRITE_LIMIT = Duration.ofSeconds(20);
    private static final String BY_HASH = "sha256:";
    private static final String ARCHIVES = "archives/";

    private final Kafka kafka;
    private final LeaderLog log;
    private final String id;
    private final InstantSource clock;
    private final Supplier<String> newIds;
    private final ConcurrentSkipListMap<String, PolicyRegistered> versions =
            new ConcurrentSkipListMap<>();
    private final Set<String> deleted = ConcurrentHashMap.newKeySet();
    private final ConcurrentHashMap<String, String> uploads = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, ArchiveLocation> archives = new ConcurrentHashMap<>();
    private final Arrivals<String, Event> arrivals = new Arrivals<>();
    private final ReentrantLock writing = new ReentrantLock();
    private volatile @Nullable LogTail tail;

    /**
     * Prepares.
     *
     * @param log of the leader; writes fail while it does not lead
     * @param newIds ids for events that have none by nature
     */
    public PolicyRegistry(
            Kafka kafka, LeaderLog log, String id, InstantSource clock, Supplier<String> newIds) {
        this.kafka = kafka;
        this.log = log;
        this.id = id;
        this.clock = clock;
        this.newIds = newIds;
    }

    /** What came of an upload. */
    public sealed interface Upload {

        /** The archive is in the log, and the path stands for it. */
        record Stored(String path, String sha256, int sizeBytes) implements Upload {}

        /** It could not be put into the log, or it is not known whether it could. */
        record Unwritten(String reason) implements Upload {}
    }

    /** Starts, and waits until all that stands in the log now is in it. */
    public void start() throws InterruptedException {
        LogTail started = LogTail.start(kafka, Topic.POLICIES, "registry-" + id, this::apply);
        tail = started;
        started.awaitCaughtUp();
    }

    public Optional<PolicyRegistered> policy(String uri) {
        return Optional.ofNullable(versions.get(uri));
    }

    /** By uri. */
    public List<PolicyRegistered> policies() {
        return List.copyOf(versions.values());
    }

    /**
     * The SHA-256 of the archive that a policy's {@code code} means: {@code sha256:<hex>}, the url
     * of an archive here, or a path or url whose path was uploaded here.
     */
    public Optional<String> archiveOf(String code) {
        if (code.startsWith(BY_HASH)) {
            return stored(code.substring(BY_HASH.length()));
        }
        Optional<String> path = UploadPath.ofCode(code);
        return path.filter(p -> p.startsWith(ARCHIVES))
                .flatMap(p -> stored(p.substring(ARCHIVES.length())))
                .or(() -> path.map(uploads::get));
    }

    /** The bytes of an archive, read from the log. */
    public Optional<byte[]> archive(String sha256) {
        return Optional.ofNullable(archives.get(sha256)).map(at -> at.read(kafka, sha256));
    }

    /** Registers a version, unless its uri has another content. */
    public Registration register(PolicyRegistered candidate) throws InterruptedException {
        writing.lockInterruptibly();
        try {
            String uri = candidate.uri();
            Registration decision =
                    Registration.decide(versions.get(uri), deleted.contains(uri), candidate);
            if (decision instanceof Registration.Registered) {
                String problem = write(List.of(envelope("policy-" + candidate.uri(), candidate)));
                return problem == null ? decision : new Registration.Unwritten(problem);
            }
            return decision;
        } finally {
            writing.unlock();
        }
    }

    /** Whether a version of this uri was deleted. */
    public boolean isDeleted(String uri) {
        return deleted.contains(uri);
    }

    /** Deletes a version, used or not; its archive stays. */
    public Deletion delete(String uri) throws InterruptedException {
        writing.lockInterruptibly();
        try {
            PolicyRegistered version = versions.get(uri);
            if (version == null) {
                return new Deletion.Unknown();
            }
            String sha256 = version.archiveSha256();
            String problem =
                    write(
                            List.of(
                                    envelope(
                                            "policy-deleted-" + uri,
                                            new PolicyDeleted(uri, sha256))));
            return problem == null ? new Deletion.Deleted(sha256) : new Deletion.Unwritten(problem);
        } finally {
            writing.unlock();
        }
    }

    /** Stores an archive that was checked, and lets a path stand for it from now on. */
    public Upload upload(String path, byte[] archive) throws InterruptedException {
        String sha256 = DecisionChain.sha256(archive);
        writing.lockInterruptibly();
        try {
            List<Envelope<? extends Event>> events = new ArrayList<>();
            if (!archives.containsKey(sha256)) {
                String content = Base64.getEncoder().encodeToString(archive);
                events.add(
                        envelope(
                                "archive-" + sha256,
                                new ArchiveStored(sha256, archive.length, content)));
            }
            if (!sha256.equals(uploads.get(path))) {
                events.add(envelope("upload-" + newIds.get(), new ArchiveUploaded(path, sha256)));
            }
            String problem = write(events);
            return problem == null
                    ? new Upload.Stored(path, sha256, archive.length)
                    : new Upload.Unwritten(problem);
        } finally {
            writing.unlock();
        }
    }

    /** Why it shows no more than it does; null while it follows the log. */
    public @Nullable RuntimeException failure() {
        LogTail running = tail;
        return running == null ? null : running.failure();
    }

    @Override
    public void close() {
        LogTail running = tail;
        if (running != null) {
            running.close();
        }
    }

    /** Returns when this view shows the events; what went wrong, null when nothing did. */
    private @Nullable String write(List<Envelope<? extends Event>> events)
            throws InterruptedException {
        List<CompletableFuture<Event>> shown =
                events.stream().map(e -> arrivals.await(e.id(), Optional::<Event>empty)).toList();
        try {
            if (!events.isEmpty()) {
                var _ = log.append(events).get(WRITE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            }
            for (CompletableFuture<Event> each : shown) {
                var _ = each.get(WRITE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            }
            return null;
        } catch (TimeoutException e) {
            return "no answer from the log within " + WRITE_LIMIT;
        } catch (ExecutionException e) {
            return String.valueOf(e.getCause());
        } finally {
            shown.forEach(each -> each.cancel(false));
        }
    }

    private void apply(LogRecord<Event> record) {
        switch (record.envelope().as(PolicyEvent.class).event()) {
            case PolicyRegistered policy -> {
                // The two have different keys: the deletion may be read before.
                if (!deleted.contains(policy.uri())) {
                    versions.put(policy.uri(), policy);
                }
            }
            case PolicyDeleted deletion -> {
                versions.remove(deletion.uri());
                deleted.add(deletion.uri());
            }
            case ArchiveStored archive ->
                    archives.put(
                            archive.sha256(),
                            new ArchiveLocation(record.partition(), record.offset()));
            case ArchiveUploaded upload -> uploads.put(upload.path(), upload.sha256());
        }
        arrivals.arrived(record.envelope().id(), record.event());
    }

    private Optional<String> stored(String sha256) {
        return archives.containsKey(sha256) ? Optional.of(sha256) : Optional.empty();
    }

    private Envelope<PolicyEvent> envelope(String eventId, PolicyEvent event) {
        return new Envelope<>(eventId, "/control-plane/" + id, clock.millis(), null, null, event);
    }
}

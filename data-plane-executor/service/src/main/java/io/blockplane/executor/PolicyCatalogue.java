package io.blockplane.executor;

import io.blockplane.events.Event;
import io.blockplane.events.PolicyEvent;
import io.blockplane.events.PolicyEvent.ArchiveStored;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.format.PolicyArchive;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The policy versions of the log with their archives. An archive is kept as it came and read when a
 * balancer needs it: most are of other kinds.
 */
final class PolicyCatalogue {

    private final Map<String, PolicyRegistered> versions = new ConcurrentHashMap<>();
    private final Map<String, ArchiveStored> archives = new ConcurrentHashMap<>();

    /** What is there of a uri. */
    sealed interface Found {
        record Version(PolicyRegistered registered, PolicyArchive archive) implements Found {}

        record Missing(String reason) implements Found {}
    }

    Found find(String uri) {
        PolicyRegistered registered = versions.get(uri);
        if (registered == null) {
            return new Found.Missing("policy " + uri + " is not in the registry");
        }
        ArchiveStored stored = archives.get(registered.archiveSha256());
        if (stored == null) {
            return new Found.Missing("the archive of policy " + uri + " is not in the registry");
        }
        return switch (PolicyArchive.read(Base64.getDecoder().decode(stored.contentBase64()))) {
            case PolicyArchive.Accepted accepted ->
                    new Found.Version(registered, accepted.archive());
            case PolicyArchive.Refused refused ->
                    new Found.Missing("the archive of " + uri + ": " + refused.reason());
        };
    }

    /** Called by the tail of {@code blockplane.policies}. */
    void apply(LogRecord<Event> record) {
        switch ((PolicyEvent) record.event()) {
            case PolicyRegistered e -> versions.put(e.uri(), e);
            case ArchiveStored e -> archives.put(e.sha256(), e);
            case PolicyEvent.PolicyDeleted e -> versions.remove(e.uri());
            case PolicyEvent.ArchiveUploaded _ -> {}
        }
    }
}

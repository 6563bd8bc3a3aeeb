package io.blockplane.runner;

import io.blockplane.events.Event;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyEvent;
import io.blockplane.events.PolicyEvent.ArchiveStored;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.format.PolicyArchive;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The policy versions and archives of the log. A fold of {@code blockplane.policies}. */
final class PolicyCatalogue {

    private static final Logger LOG = LoggerFactory.getLogger(PolicyCatalogue.class);

    private final Map<String, PolicyRegistered> versions = new ConcurrentHashMap<>();
    private final Map<String, PolicyArchive> archives = new ConcurrentHashMap<>();

    /** A version with its archive. */
    record Version(PolicyRegistered registered, PolicyArchive archive) {

        /** This version in a line, with a block's parameters and settings on top of its own. */
        PolicyAssignment assigned(
                PolicyEngine engine,
                LineKey line,
                Json parameters,
                Json settings,
                Json surroundings) {
            return PolicyAssignment.of(
                    engine,
                    line.blockId(),
                    line.kind(),
                    line.lane(),
                    registered,
                    archive,
                    parameters,
                    settings,
                    surroundings);
        }
    }

    /** The version of this uri, once both it and its archive stand in the log. */
    Optional<Version> version(String uri) {
        PolicyRegistered registered = versions.get(uri);
        PolicyArchive archive =
                registered == null ? null : archives.get(registered.archiveSha256());
        return registered == null || archive == null
                ? Optional.empty()
                : Optional.of(new Version(registered, archive));
    }

    /** Called by the tail of {@code blockplane.policies}. */
    void apply(LogRecord<Event> record) {
        switch ((PolicyEvent) record.event()) {
            case PolicyRegistered e -> versions.put(e.uri(), e);
            case ArchiveStored e -> store(e);
            // Nobody can bind a deleted one any more; who has it may finish with it.
            case PolicyEvent.PolicyDeleted _, PolicyEvent.ArchiveUploaded _ -> {}
        }
    }

    private void store(ArchiveStored stored) {
        switch (PolicyArchive.read(Base64.getDecoder().decode(stored.contentBase64()))) {
            case PolicyArchive.Accepted accepted ->
                    archives.put(stored.sha256(), accepted.archive());
            case PolicyArchive.Refused refused ->
                    LOG.atWarn()
                            .addKeyValue("sha256", stored.sha256())
                            .addKeyValue("reason", refused.reason())
                            .log("archive in the log is no policy: versions of it can't run");
        }
    }
}

package io.blockplane.events;

/** Policy versions and their archives: topic {@link Topic#POLICIES}, compacted by subject. */
public sealed interface PolicyEvent extends Event {

    /**
     * A policy version, immutable once registered.
     *
     * @param uri {@code name:version-tag}
     * @param archiveSha256 of the archive that holds its code, hex
     * @param entry the registry entry as the user gave it
     * @param parameters defaults, overridden by a block's
     * @param settings defaults, overridden by a block's
     */
    record PolicyRegistered(
            String uri, String archiveSha256, Json entry, Json parameters, Json settings)
            implements PolicyEvent {
        @Override
        public String subject() {
            return "policy/" + uri;
        }
    }

    /**
     * A version was deleted. Its uri is never given to another one, and its registration stays in
     * the log: old decisions can still be executed again.
     */
    record PolicyDeleted(String uri, String archiveSha256) implements PolicyEvent {
        @Override
        public String subject() {
            return "deleted/" + uri;
        }
    }

    /** The bytes of an archive. */
    record ArchiveStored(String sha256, long sizeBytes, String contentBase64)
            implements PolicyEvent {
        @Override
        public String subject() {
            return "archive/" + sha256;
        }
    }

    /** An archive was uploaded under a path; a later upload under the same path takes its place. */
    record ArchiveUploaded(String path, String sha256) implements PolicyEvent {
        @Override
        public String subject() {
            return "upload/" + path;
        }
    }
}

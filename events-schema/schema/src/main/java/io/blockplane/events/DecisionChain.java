package io.blockplane.events;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The hash chain of decisions. The hash of a record is the SHA-256 of its value bytes exactly as
 * they stand in the log; it stands in the record's {@code bp_hash} header and in the {@code
 * previousHash} of the next record. So a changed byte anywhere breaks the chain at the next link,
 * and the last record is held by its own header.
 */
public final class DecisionChain {

    /** The {@code previousHash} of the first record of a chain. */
    public static final String GENESIS = "0".repeat(64);

    private DecisionChain() {}

    /** Lower-case hex SHA-256. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    public static String sha256(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }
}

package io.blockplane.control.core;

/**
 * Instance ids: {@code in-} and four characters of [a-z0-9].
 *
 * <p>The id is a permutation of the ordinal, another one for each block: ordinal {@code n} becomes
 * {@code (a * n + b) mod 36^4} in base 36, with {@code a} and {@code b} from a hash of the block
 * id. {@code a} is 1 modulo 6 and so has no factor in common with 36^4: two ordinals of a block
 * never have the same id, and nothing has to be remembered to know that.
 */
public final class InstanceIds {

    /** Ids that a block has in its life: 36^4. */
    public static final int COUNT = 1_679_616;

    private static final String PREFIX = "in-";
    private static final int RADIX = 36;
    private static final int DIGITS = 4;

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private InstanceIds() {}

    /**
     * The id of an instance.
     *
     * @param ordinal from 1 to {@link #COUNT}
     */
    public static String of(String blockId, int ordinal) {
        if (ordinal < 1 || ordinal > COUNT) {
            throw new IllegalArgumentException(
                    "ordinal: " + ordinal + " (expected: 1 to " + COUNT + ")");
        }
        long hash = hash(blockId);
        long multiplier = 6 * Long.remainderUnsigned(hash >>> 32, COUNT / 6) + 1;
        long offset = Long.remainderUnsigned(hash & 0xffffffffL, COUNT);
        long number = (multiplier * ordinal + offset) % COUNT;
        String digits = Long.toString(number, RADIX);
        return PREFIX + "0".repeat(DIGITS - digits.length()) + digits;
    }

    /** FNV-1a over the characters, then mixed so that short ids differ in all bits. */
    private static long hash(String text) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        return hash ^ (hash >>> 33);
    }
}

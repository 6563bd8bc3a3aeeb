package io.blockplane.policy.format;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** How an archive is packed, told by its first bytes. */
enum ArchiveForm {
    ZIP("zip"),
    TAR("tar"),
    TAR_XZ("tar.xz"),
    TAR_GZIP("tar.gz"),
    TAR_BZIP2("tar.bz2");

    /** Where the headers of all tars of today say that they are ones. */
    private static final int TAR_MAGIC_AT = 257;

    private final String shown;

    ArchiveForm(String shown) {
        this.shown = shown;
    }

    /** As people write it. */
    String shown() {
        return shown;
    }

    /** Null when it is none of these. */
    static @Nullable ArchiveForm of(byte[] archive) {
        if (startsWith(archive, 0, "PK\u0003\u0004") || startsWith(archive, 0, "PK\u0005\u0006")) {
            return ZIP;
        }
        if (startsWith(archive, 0, "\u00fd7zXZ\u0000")) {
            return TAR_XZ;
        }
        if (startsWith(archive, 0, "\u001f\u008b")) {
            return TAR_GZIP;
        }
        if (startsWith(archive, 0, "BZh")) {
            return TAR_BZIP2;
        }
        return startsWith(archive, TAR_MAGIC_AT, "ustar") ? TAR : null;
    }

    private static boolean startsWith(byte[] archive, int at, String magic) {
        byte[] expected = magic.getBytes(StandardCharsets.ISO_8859_1);
        if (archive.length < at + expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if (archive[at + i] != expected[i]) {
                return false;
            }
        }
        return true;
    }
}

package io.blockplane.control.policies;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.control.Http;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveRulesTest {

    @Test
    void allowsAZipWithAFunctionInItsPlace() throws Exception {
        assertThat(ArchiveRules.broken(Http.zip("code/function.py", "x = 1"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "code/../../evil", "/etc/passwd", "code\\function.py"})
    void refusesPathsThatLeaveTheArchive(String name) throws Exception {
        assertThat(ArchiveRules.broken(Http.zip(name, "x")))
                .hasValue("entry " + name + " (expected: a path inside the archive)");
    }

    @Test
    void refusesAZipThatIsCut() throws Exception {
        byte[] zip = Http.zip("code/function.py", "x = 1\n".repeat(1_000));
        assertThat(ArchiveRules.broken(Arrays.copyOf(zip, 40)))
                .hasValueSatisfying(reason -> assertThat(reason).startsWith("not a readable zip"));
    }

    @Test
    void refusesWhatGrowsTooLargeWhenUnpacked() throws Exception {
        byte[] bomb = zip(1, ArchiveRules.UNPACKED_BYTES + 1);
        assertThat(bomb).hasSizeLessThan(ArchiveRules.BYTES);
        assertThat(ArchiveRules.broken(bomb)).hasValue("more than 67108864 bytes when unpacked");
    }

    @Test
    void refusesTooManyEntries() throws Exception {
        assertThat(ArchiveRules.broken(zip(ArchiveRules.ENTRIES + 1, 0)))
                .hasValue("more than 10000 entries");
    }

    @Test
    void refusesWhatIsTooLargeBeforeItIsRead() {
        assertThat(ArchiveRules.broken(new byte[ArchiveRules.BYTES + 1]))
                .hasValue("8388609 bytes (expected: at most 8388608)");
    }

    private static byte[] zip(int entries, int bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (int i = 0; i < entries; i++) {
                zip.putNextEntry(new ZipEntry("code/" + i));
                byte[] chunk = new byte[1024 * 1024];
                for (int left = bytes; left > 0; left -= chunk.length) {
                    zip.write(chunk, 0, Math.min(left, chunk.length));
                }
            }
        }
        return out.toByteArray();
    }
}

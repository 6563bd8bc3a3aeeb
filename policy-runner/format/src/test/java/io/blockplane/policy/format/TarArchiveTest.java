package io.blockplane.policy.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.policy.format.PolicyArchive.Accepted;
import io.blockplane.policy.format.PolicyArchive.Refused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class TarArchiveTest {

    private static final Entry FUNCTION =
            new Entry("code/function.py", TarConstants.LF_NORMAL, "class AIOSv1PolicyRule: pass\n");

    private record Entry(String name, byte kind, String content) {}

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ZIP")
    void readsEveryFormOfATarByItsBytes(ArchiveForm form) {
        byte[] bytes =
                tar(
                        form,
                        new Entry("./", TarConstants.LF_DIR, ""),
                        new Entry("./code/", TarConstants.LF_DIR, ""),
                        new Entry("./code/function.py", TarConstants.LF_NORMAL, "x = 1\n"),
                        new Entry("./code/" + "d".repeat(120) + ".txt", (byte) '0', "long"));
        PolicyArchive archive = PolicyArchive.read(bytes).orElseThrow();
        assertThat(archive.paths())
                .containsExactly("code/" + "d".repeat(120) + ".txt", "code/function.py");
        assertThat(archive.files().get("code/function.py")).asString().isEqualTo("x = 1\n");
        assertThat(archive.content()).isEqualTo(bytes);
        assertThat(ArchiveForm.of(bytes)).isEqualTo(form);
    }

    @ParameterizedTest
    @CsvSource({
        "code/link, 2, a symbolic link",
        "code/hard, 1, a hard link",
        "code/tty, 3, a device",
        "code/disk, 4, a device",
        "code/pipe, 6, a device",
        "code/odd, Q, a special file"
    })
    void refusesByNameWhatIsNeitherFileNorFolder(String name, char kind, String said) {
        assertThat(refusal(tar(ArchiveForm.TAR, FUNCTION, new Entry(name, (byte) kind, ""))))
                .isEqualTo("entry " + name + ": " + said + " (expected: files and folders only)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil.py", "code/../../evil", "/etc/passwd", "code//x", "a\\b"})
    void refusesAPathThatIsNotInsideTheArchive(String path) {
        assertThat(refusal(tar(ArchiveForm.TAR_GZIP, FUNCTION, new Entry(path, (byte) '0', "x"))))
                .contains("expected: a relative path inside the archive");
    }

    @Test
    void refusesTheSamePathTwice() {
        assertThat(refusal(tar(ArchiveForm.TAR, FUNCTION, FUNCTION)))
                .isEqualTo("entry code/function.py: twice in the archive");
        assertThat(
                        refusal(
                                tar(
                                        ArchiveForm.TAR,
                                        FUNCTION,
                                        new Entry("./code/function.py", (byte) '0', "y"))))
                .contains("twice in the archive");
    }

    @ParameterizedTest
    @EnumSource(names = {"TAR_XZ", "TAR_GZIP", "TAR_BZIP2"})
    void refusesABombOfEveryForm(ArchiveForm form) {
        Entry bomb = new Entry("code/bomb", (byte) '0', "\0".repeat(3_000_000));
        assertThat(refusal(tar(form, FUNCTION, bomb)))
                .contains("unpacks to more than 100 times its size");
    }

    @Test
    void refusesABombBesideItsFiles() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream packed = packed(ArchiveForm.TAR_XZ, bytes)) {
            packed.write(tar(ArchiveForm.TAR, FUNCTION), 0, 1024);
            // A name of 80 MB: it is never held.
            byte[] header = new byte[512];
            new TarArchiveEntry("././@LongLink", (byte) 'L') {
                {
                    setSize(80L * 1024 * 1024);
                }
            }.writeEntryHeader(header);
            packed.write(header);
            byte[] chunk = new byte[1024 * 1024];
            Arrays.fill(chunk, (byte) 'a');
            for (int i = 0; i < 80; i++) {
                packed.write(chunk);
            }
        }
        assertThat(refusal(bytes.toByteArray())).contains("it unpacks to more than 75497472 bytes");
    }

    @Test
    void refusesAnXzThatAsksForMuchMemory() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        LZMA2Options options = new LZMA2Options(0);
        options.setDictSize(256 * 1024 * 1024);
        try (OutputStream packed = new XZOutputStream(bytes, options)) {
            packed.write(tar(ArchiveForm.TAR, FUNCTION));
        }
        assertThat(refusal(bytes.toByteArray()))
                .contains("KiB of memory to unpack (expected: at most 75776)");
    }

    @Test
    void refusesWhatIsMissingOrCutOff() {
        Entry other = new Entry("code/other.py", (byte) '0', "");
        assertThat(refusal(tar(ArchiveForm.TAR_XZ, other)))
                .isEqualTo("archive: code/function.py is missing");
        byte[] good = tar(ArchiveForm.TAR_XZ, FUNCTION);
        assertThat(refusal(Arrays.copyOf(good, good.length / 2)))
                .startsWith("archive: not a readable tar.xz: ");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ZIP")
    void answersToAnyDamage(ArchiveForm form) {
        SplittableRandom random = new SplittableRandom(form.shown().length());
        Entry data = new Entry("code/data", (byte) '0', "x".repeat(500));
        byte[] good = tar(form, FUNCTION, data);
        for (int i = 0; i < 300; i++) {
            byte[] bad = good.clone();
            for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            if (random.nextInt(4) == 0) {
                bad = Arrays.copyOf(bad, random.nextInt(bad.length));
            }
            assertThat(PolicyArchive.read(bad)).isInstanceOfAny(Accepted.class, Refused.class);
        }
    }

    private static String refusal(byte[] archive) {
        assertThat(PolicyArchive.read(archive)).isInstanceOf(Refused.class);
        return ((Refused) PolicyArchive.read(archive)).reason();
    }

    private static byte[] tar(ArchiveForm form, Entry... entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar =
                new TarArchiveOutputStream(packed(form, bytes), StandardCharsets.UTF_8.name())) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (Entry entry : List.of(entries)) {
                TarArchiveEntry header = new TarArchiveEntry(entry.name, entry.kind, true);
                byte[] content = entry.content.getBytes(StandardCharsets.UTF_8);
                header.setSize(content.length);
                if (entry.kind == TarConstants.LF_SYMLINK || entry.kind == TarConstants.LF_LINK) {
                    header.setLinkName("/etc/passwd");
                }
                tar.putArchiveEntry(header);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static OutputStream packed(ArchiveForm form, OutputStream to) throws IOException {
        return switch (form) {
            case TAR -> to;
            case TAR_XZ -> new XZOutputStream(to, new LZMA2Options());
            case TAR_GZIP -> new GzipCompressorOutputStream(to);
            case TAR_BZIP2 -> new BZip2CompressorOutputStream(to);
            case ZIP -> throw new AssertionError(form);
        };
    }
}

package io.blockplane.policy.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.policy.format.PolicyArchive.Accepted;
import io.blockplane.policy.format.PolicyArchive.Refused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyArchiveTest {

    private static final String FUNCTION = "class AIOSv1PolicyRule: pass\n";

    @TempDir Path folder;

    @Test
    void packsTheSameFilesToTheSameBytes() throws IOException {
        write("code/function.py", FUNCTION);
        write("code/data/table.json", "[1]");
        write("code/__pycache__/function.pyc", "cache");
        write("code/.hidden", "secret");
        write("README.md", "beside");

        PolicyArchive ofParent = PolicyArchive.pack(folder).orElseThrow();
        PolicyArchive ofCode = PolicyArchive.pack(folder.resolve("code")).orElseThrow();

        assertThat(ofParent.paths()).containsExactly("code/data/table.json", "code/function.py");
        assertThat(ofParent.sha256()).isEqualTo(ofCode.sha256()).hasSize(64);
        assertThat(ofParent.content()).isEqualTo(ofCode.content());
        assertThat(ofParent.sha256())
                .as("on every machine and JDK")
                .isEqualTo("dcbf4fe72c0c8a1810b9a4549a1b90a2f55f15f5d421c7e7d15c1256ab1acd18");
    }

    @Test
    void refusesAFolderWithoutAPolicy() throws IOException {
        assertThat(refusal(PolicyArchive.pack(folder)))
                .contains("expected: one with code/function.py in it");
    }

    @Test
    void refusesASymbolicLinkInAFolder() throws IOException {
        write("code/function.py", FUNCTION);
        Files.createSymbolicLink(folder.resolve("code/link"), folder.resolve("code/function.py"));
        assertThat(refusal(PolicyArchive.pack(folder)))
                .isEqualTo("code/link: a symbolic link (expected: files and folders only)");
    }

    @Test
    void readsWhatOtherToolsPack() {
        byte[] zip = zip(entry("code/", ""), entry("code/function.py", FUNCTION), entry("x", "y"));
        PolicyArchive archive = PolicyArchive.read(zip).orElseThrow();
        assertThat(archive.paths()).containsExactly("code/function.py", "x");
        assertThat(archive.content()).isEqualTo(zip);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../evil.py",
                "code/../../evil.py",
                "/etc/passwd",
                "C:/evil.py",
                "code\\..\\evil.py",
                "code//evil.py",
                "./evil.py",
                "code/a\u0000b.py"
            })
    void refusesAPathThatIsNotInsideTheArchive(String path) {
        byte[] zip = zip(entry("code/function.py", FUNCTION), entry(path, "x"));
        assertThat(refusal(PolicyArchive.read(zip)))
                .contains("entry ")
                .contains("expected: a relative path inside the archive");
    }

    @Test
    void refusesAPathThatIsTooLong() {
        byte[] zip = zip(entry("code/function.py", FUNCTION), entry("a".repeat(513), "x"));
        assertThat(refusal(PolicyArchive.read(zip))).contains("a path of 513 characters");
    }

    @Test
    void refusesASymbolicLink() {
        byte[] zip = zip(entry("code/function.py", FUNCTION), entry("code/link", "/etc/passwd"));
        setUnixMode(zip, "code/link", 0120777);
        assertThat(refusal(PolicyArchive.read(zip)))
                .isEqualTo("entry code/link: a symbolic link (expected: files and folders only)");
        setUnixMode(zip, "code/link", 0060600);
        assertThat(refusal(PolicyArchive.read(zip))).contains("a special file");
    }

    @Test
    void refusesWhatIsTooLarge() {
        assertThat(refusal(PolicyArchive.read(new byte[8 * 1024 * 1024 + 1])))
                .isEqualTo("archive: 8388609 bytes (expected: at most 8388608)");
        byte[] random = new byte[7 * 1024 * 1024];
        new SplittableRandom(1).nextBytes(random);
        String nothing = "\0".repeat(65 * 1024 * 1024);
        assertThat(
                        refusal(
                                PolicyArchive.read(
                                        zip(
                                                entry("code/function.py", FUNCTION),
                                                entry(
                                                        "noise",
                                                        new String(
                                                                random,
                                                                StandardCharsets.ISO_8859_1)),
                                                entry("bomb", nothing)))))
                .contains("unpacks to more than 67108864 bytes");
        assertThat(
                        refusal(
                                PolicyArchive.read(
                                        zip(
                                                entry("code/function.py", FUNCTION),
                                                entry("bomb", nothing.substring(0, 2_000_000))))))
                .contains("unpacks to more than 100 times its size");
    }

    @Test
    void refusesTooManyEntries() {
        Entry[] entries = new Entry[2_001];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = entry("code/" + i, "");
        }
        assertThat(refusal(PolicyArchive.read(zip(entries))))
                .isEqualTo("archive: 2001 entries (expected: at most 2000)");
    }

    @Test
    void refusesAnArchiveWithoutEntryPointAndSaysWhatMayBeWrong() {
        assertThat(refusal(PolicyArchive.read(zip(entry("code/other.py", "")))))
                .isEqualTo("archive: code/function.py is missing");
        assertThat(refusal(PolicyArchive.read(zip(entry("function.py", FUNCTION)))))
                .contains("pack the folder code, not what is in it");
    }

    @Test
    void refusesAPathThatIsFileAndFolder() {
        byte[] zip = zip(entry("code/function.py", FUNCTION), entry("a", "x"), entry("a/b", "y"));
        assertThat(refusal(PolicyArchive.read(zip))).contains("a file and a folder at once");
    }

    @Test
    void refusesADirectoryThatHidesEntries() {
        byte[] zip = zip(entry("code/function.py", FUNCTION), entry("code/aaaa.py", "x"));
        rename(zip, "code/aaaa.py", "code/bbbb.py");
        assertThat(refusal(PolicyArchive.read(zip)))
                .contains("its directory and its entries disagree");
    }

    @Test
    void refusesWhatIsNoZip() {
        assertThat(refusal(PolicyArchive.read(new byte[0])))
                .startsWith("archive: neither zip nor tar");
        assertThat(
                        refusal(
                                PolicyArchive.read(
                                        "hello".repeat(100).getBytes(StandardCharsets.UTF_8))))
                .startsWith("archive: neither zip nor tar");
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void answersToAnyDamage(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] good = zip(entry("code/function.py", FUNCTION), entry("code/data", "x".repeat(500)));
        for (int i = 0; i < 2_000; i++) {
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

    private Path write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private static String refusal(PolicyArchive.Checked checked) {
        assertThat(checked).isInstanceOf(Refused.class);
        return ((Refused) checked).reason();
    }

    private record Entry(String name, String content) {}

    private static Entry entry(String name, String content) {
        return new Entry(name, content);
    }

    private static byte[] zip(Entry... entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Entry entry : List.of(entries)) {
                zip.putNextEntry(new ZipEntry(entry.name));
                zip.write(entry.content.getBytes(StandardCharsets.ISO_8859_1));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    /** In the zip's directory, as Info-ZIP writes it. */
    private static void setUnixMode(byte[] zip, String name, int mode) {
        ByteBuffer.wrap(zip)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(inDirectory(zip, name) - 8, mode << 16);
    }

    private static void rename(byte[] zip, String name, String other) {
        byte[] bytes = other.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, zip, inDirectory(zip, name), bytes.length);
    }

    private static int inDirectory(byte[] zip, String name) {
        return new String(zip, StandardCharsets.ISO_8859_1).lastIndexOf(name);
    }
}

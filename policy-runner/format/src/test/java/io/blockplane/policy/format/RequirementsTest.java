package io.blockplane.policy.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequirementsTest {

    @Test
    void anArchiveWithoutAListNeedsNothing() {
        assertThat(Requirements.refusal(PolicyArchive.ofFunction("x = 1"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# nothing\n\n   # at all\n",
                "requests",
                "Requests==2.31.0  # pinned",
                "requests[socks,security] >=2.0, <3 ; python_version > '3.8'",
                "requests (>=2.0)",
                "dataclasses; python_version < \"3.7\"\nuuid\ntyping",
                "requests \\\n  >= 2.0\r\nstatistics\r\n",
                "My.Own_Thing~=1.2",
                "single-module",
                "PyYAML>=6",
                "deep"
            })
    void acceptsWhatIsBuiltInOrShipped(String text) {
        assertThat(Requirements.refusal(archive(text))).isEmpty();
    }

    @Test
    void namesWhatIsMissingAndWhatThereIs() {
        assertThat(Requirements.refusal(archive("requests\nnumpy>=1.2\nfunction\npandas\n")))
                .get()
                .asString()
                .startsWith(
                        "requirements.txt: numpy, function, pandas (expected: built in: requests;"
                                + " Python 3.12's standard library: abc, ")
                .endsWith(
                        "pure Python packages in code/: deep, my-own-thing, pyyaml, single-module,"
                                + " yaml)");
        assertThat(Requirements.refusal(only("numpy"))).get().asString().endsWith("none here)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-r other.txt",
                "--index-url https://example.com/simple",
                "-e .",
                "https://example.com/x.whl",
                "git+https://example.com/x",
                "./local",
                "requests == 2 garbage\u0007; x\nno name!"
            })
    void refusesWhatIsNoName(String line) {
        assertThat(Requirements.refusal(archive(line + "\n")))
                .get()
                .asString()
                .startsWith("requirements.txt line ")
                .contains("nothing is downloaded");
    }

    private static PolicyArchive archive(String requirements) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        put(files, "code/function.py", "x = 1");
        put(files, "code/requirements.txt", requirements);
        put(files, "code/my_own_thing/__init__.py", "");
        put(files, "code/single_module.py", "");
        put(files, "code/yaml/__init__.py", "");
        put(files, "code/PyYAML-6.0.1.dist-info/METADATA", "");
        put(files, "code/deep/inner/x.py", "");
        put(files, "code/data/table.json", "[]");
        return PolicyArchive.of(files).orElseThrow();
    }

    private static PolicyArchive only(String requirements) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        put(files, "code/function.py", "x = 1");
        put(files, "code/requirements.txt", requirements);
        return PolicyArchive.of(files).orElseThrow();
    }

    private static void put(SortedMap<String, byte[]> files, String path, String content) {
        files.put(path, content.getBytes(StandardCharsets.UTF_8));
    }
}

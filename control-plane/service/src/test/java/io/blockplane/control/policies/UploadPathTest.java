package io.blockplane.control.policies;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UploadPathTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "'',            a.zip,      a.zip",
                ".,             a.zip,      a.zip",
                "./,            a.zip,      a.zip",
                "/,             a.zip,      a.zip",
                "policies/,     a.zip,      policies/a.zip",
                "policies/b.zip, a.zip,     policies/b.zip",
                "./policies/,   a.zip,      policies/a.zip",
                "/policies/,    a.zip,      policies/a.zip",
                "../,           a.zip,      -",
                "a/../b/,       a.zip,      -",
                ".,             ../a.zip,   -",
                "a//b,          a.zip,      -",
                "a b,           a.zip,      -",
                ".,             '',         -"
            })
    void isTheFolderAndTheFileOrTheFile(String path, String file, @Nullable String expected) {
        assertThat(UploadPath.of(path, file).orElse(null)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "a.zip,                              a.zip",
                "./policies/a.zip,                   policies/a.zip",
                "http://host:32555/a.zip,            a.zip",
                "https://host/policies/a.zip?x=1,    policies/a.zip",
                "http://host,                        -",
                "http://[,                           -",
                "http://host/../a.zip,               -"
            })
    void isThePathOfACode(String code, @Nullable String expected) {
        assertThat(UploadPath.ofCode(code).orElse(null)).isEqualTo(expected);
    }

    @Test
    void isNotTooLong() {
        assertThat(UploadPath.of("a".repeat(255), "x")).isPresent();
        assertThat(UploadPath.of("a".repeat(256), "x")).isEmpty();
    }
}

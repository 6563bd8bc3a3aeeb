package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecordDiffTest {

    @Test
    void namesTheDeepestPlaceThatDiffers() {
        assertThat(RecordDiff.of("{\"a\":{\"b\":[1,{\"c\":2}]}}", "{\"a\":{\"b\":[1,{\"c\":3}]}}"))
                .isEqualTo(new RecordDiff("a.b[1].c", "2", "3"));
        assertThat(RecordDiff.of("{\"a\":1}", "{\"a\":1,\"b\":[]}"))
                .isEqualTo(new RecordDiff("b", "(nothing)", "[]"));
        assertThat(RecordDiff.of("{\"a\":[1]}", "{\"a\":[1,2]}"))
                .isEqualTo(new RecordDiff("a[1]", "(nothing)", "2"));
        assertThat(RecordDiff.of("{\"a\":{}}", "{\"a\":\"x\"}"))
                .isEqualTo(new RecordDiff("a", "{}", "\"x\""));
    }

    @Test
    void showsTheTextWhenOnlyTheTextDiffers() {
        assertThat(RecordDiff.of("{\"a\":1 }", "{\"a\":1}"))
                .isEqualTo(new RecordDiff("the text of the record", "{\"a\":1 }", "{\"a\":1}"));
    }

    @Test
    void cutsLongValuesAroundTheDifference() {
        String same = "x".repeat(500);
        RecordDiff diff =
                RecordDiff.of(
                        "{\"a\":\"" + same + "1" + same + "\"}",
                        "{\"a\":\"" + same + "2" + same + "\"}");
        assertThat(diff.recorded())
                .startsWith("...xxx")
                .endsWith("xxx...")
                .contains("x1x")
                .hasSize(126);
        assertThat(diff.executed()).contains("x2x").hasSize(126);
    }
}

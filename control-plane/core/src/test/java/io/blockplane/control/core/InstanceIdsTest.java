package io.blockplane.control.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceIdsTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "chat", "embed-demo", "0", "a-very-long-block-id-of-many-letters"})
    void givesEveryOrdinalOfABlockAnIdOfItsOwn(String blockId) {
        BitSet seen = new BitSet(InstanceIds.COUNT);
        for (int ordinal = 1; ordinal <= InstanceIds.COUNT; ordinal++) {
            seen.set(Integer.parseInt(InstanceIds.of(blockId, ordinal).substring(3), 36));
        }
        assertThat(seen.cardinality()).isEqualTo(InstanceIds.COUNT);
    }

    @Test
    void looksAsTheContractSays() {
        for (int ordinal = 1; ordinal <= 1_000; ordinal++) {
            assertThat(InstanceIds.of("chat", ordinal)).matches("in-[a-z0-9]{4}");
        }
    }

    @Test
    void staysTheSameForEver() {
        // Ids stand in logs: another function would give an instance two names.
        assertThat(InstanceIds.of("chat", 1)).isEqualTo("in-cldw");
        assertThat(InstanceIds.of("chat", 2)).isEqualTo("in-70ir");
        assertThat(InstanceIds.of("embed", 1)).isEqualTo("in-glj8");
    }

    @Test
    void differsBetweenBlocksMostOfTheTime() {
        Set<String> first = new HashSet<>();
        for (int block = 0; block < 1_000; block++) {
            first.add(InstanceIds.of("block-" + block, 1));
        }
        assertThat(first).hasSizeGreaterThan(990);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, InstanceIds.COUNT + 1})
    void refusesAnOrdinalThatNoInstanceHas(int ordinal) {
        assertThatThrownBy(() -> InstanceIds.of("chat", ordinal))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ordinal: " + ordinal + " (expected: 1 to 1679616)");
    }
}

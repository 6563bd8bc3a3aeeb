package io.blockplane.windows.topology;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreKeyTest {

    @ParameterizedTest
    @ValueSource(strings = {"block-1", "1", "12:", "3:abc", "b/1", "i/7/x", "블록"})
    void comesBackWhateverTheIdHasInIt(String blockId) {
        for (String entry : new String[] {"clock", "b/17", "i/899/in-a", "i/0/3:x"}) {
            StoreKey key = new StoreKey(blockId, entry);
            assertThat(StoreKey.parse(key.text())).isEqualTo(key);
        }
    }
}

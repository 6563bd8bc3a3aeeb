package io.blockplane.windows;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** A map as a store. */
final class Stores {

    private Stores() {}

    static StateSink into(Map<String, byte[]> store) {
        return new StateSink() {
            @Override
            public void put(String name, byte[] value) {
                store.put(name, value);
            }

            @Override
            public void delete(String name) {
                assertThat(store.remove(name)).as("deleted, so it was there").isNotNull();
            }
        };
    }
}

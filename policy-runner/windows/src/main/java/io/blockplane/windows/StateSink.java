package io.blockplane.windows;

/** Where a block's state is kept entry by entry: a store, in practice. */
public interface StateSink {

    /** Sets an entry; the name is unique within the block. */
    void put(String name, byte[] value);

    void delete(String name);
}

package io.blockplane.windows.topology;

/**
 * The key of a block's entry in the store: {@code <length of the block id>:<block id><entry>}, so
 * that no id, whatever its characters, can be taken for another's.
 */
record StoreKey(String blockId, String entry) {

    String text() {
        return blockId.length() + ":" + blockId + entry;
    }

    static StoreKey parse(String text) {
        int colon = text.indexOf(':');
        int start = colon + 1;
        int end = start + Integer.parseInt(text.substring(0, colon));
        return new StoreKey(text.substring(start, end), text.substring(end));
    }
}

package io.blockplane.executor.packet;

import com.google.protobuf.WireFormat;

/** What is needed to read single fields off the wire. */
public final class Wire {

    private static final int TYPE_BITS = 3;

    private Wire() {}

    /**
     * The tag of a text, bytes or message field; a field of that number with another tag is not it.
     */
    public static int delimited(int field) {
        return field << TYPE_BITS | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }
}

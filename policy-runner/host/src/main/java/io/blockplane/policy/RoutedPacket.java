package io.blockplane.policy;

import java.util.List;

/**
 * The packet that a balancer routes, as far as the balancer asks for it. Read on the balancer's
 * thread, each field at most once in a call; must answer at once.
 */
public interface RoutedPacket {

    String sessionId();

    /** An unsigned 64-bit number. */
    long seqNo();

    byte[] framePtr();

    String data();

    /** Seconds since the epoch. */
    double ts();

    String outputPtr();

    List<? extends RoutedFile> files();

    /** A file that came with the packet. */
    interface RoutedFile {

        String metadata();

        byte[] fileData();
    }
}

package io.blockplane.policy;

import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Which addresses are inside: those that mean another machine, or none, for everybody. */
final class Addresses {

    private Addresses() {}

    /** Why an address is not one of the internet; null when it is one. */
    static @Nullable String inside(InetAddress address) {
        if (address.isLoopbackAddress()) {
            return "a loopback address";
        }
        if (address.isAnyLocalAddress()) {
            return "no address of a machine";
        }
        if (address.isLinkLocalAddress()) {
            return "a link-local address";
        }
        if (address.isMulticastAddress()) {
            return "a multicast address";
        }
        byte[] bytes = address.getAddress();
        return address instanceof Inet6Address ? insideOfSix(bytes) : insideOfFour(bytes);
    }

    private static @Nullable String insideOfFour(byte[] bytes) {
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        int third = bytes[2] & 0xff;
        boolean isPrivate =
                first == 10
                        || (first == 172 && second >= 16 && second < 32)
                        || (first == 192 && second == 168);
        if (isPrivate) {
            return "a private address";
        }
        if (first == 100 && second >= 64 && second < 128) {
            return "a carrier's private address";
        }
        boolean special =
                first == 0
                        || first >= 240
                        || (first == 192 && second == 0 && third == 0)
                        || (first == 198 && (second == 18 || second == 19));
        return special ? "a reserved address" : null;
    }

    private static @Nullable String insideOfSix(byte[] bytes) {
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        if ((first & 0xfe) == 0xfc) {
            return "a unique-local address";
        }
        if (first == 0xfe && (second & 0xc0) == 0xc0) {
            return "a site-local address";
        }
        // Each carries an IPv4 address, which may be one inside.
        boolean carriesFour =
                zeros(bytes, 0, 10)
                        || (first == 0x00 && second == 0x64)
                        || (first == 0x20 && second == 0x02)
                        || (first == 0x20 && second == 0x01 && bytes[2] == 0 && bytes[3] == 0);
        return carriesFour ? "an address that stands for another" : null;
    }

    private static boolean zeros(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }
}

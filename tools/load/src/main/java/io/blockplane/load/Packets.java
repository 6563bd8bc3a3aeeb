package io.blockplane.load;

import io.blockplane.proto.aios.AIOSPacket;

/**
 * The packets of a run: sessions {@code <run>-0} to {@code <run>-(sessions - 1)} take turns, each
 * counting its own packets from 0.
 */
public record Packets(String run, int sessions, Payload payload) {

    /** Sessions of one run at most. */
    public static final int MAX_SESSIONS = 10_000_000;

    public Packets {
        if (sessions < 1 || sessions > MAX_SESSIONS) {
            throw new IllegalArgumentException(
                    "sessions: %d (expected: 1 to %d)".formatted(sessions, MAX_SESSIONS));
        }
    }

    /** The packet of a request, without the time at which it is created. */
    AIOSPacket.Builder packet(Arrival arrival, long number) {
        return AIOSPacket.newBuilder()
                .setSessionId(run + "-" + number % sessions)
                .setSeqNo(number / sessions)
                .setData(payload.data(arrival, number));
    }
}

package io.blockplane.load;

import io.blockplane.proto.aios.AIOSPacket;
import java.time.Duration;

/** Sends one request and returns at once; the answer hears its end within the limit. */
@FunctionalInterface
public interface Sender {
    void send(AIOSPacket packet, Duration limit, Answer answer);
}

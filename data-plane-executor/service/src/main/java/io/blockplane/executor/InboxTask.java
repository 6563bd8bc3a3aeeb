package io.blockplane.executor;

import io.blockplane.executor.packet.Packet;
import java.time.Instant;

/**
 * An accepted packet at its place in the inbox.
 *
 * @param packetId {@code ce_id} of the accepted packet
 * @param order of acceptance, among all tasks of this executor
 * @param bytes what it holds in memory
 */
record InboxTask(
        InboxPartition partition,
        long offset,
        String packetId,
        long order,
        String blockId,
        Packet packet,
        int bytes,
        Instant accepted) {

    /** Packets of one session of one block are processed in order. */
    record SessionKey(String blockId, String sessionId) {}

    SessionKey session() {
        return new SessionKey(blockId, packet.sessionId());
    }

    /** {@code <inbox partition>-<offset>}. */
    String taskId() {
        return partition.number() + "-" + offset;
    }
}

package io.blockplane.executor.transport;

import com.google.protobuf.ByteString;
import io.grpc.Status;

/** What came of one attempt to have an instance do a task. */
public sealed interface Attempt {

    /**
     * The instance did it.
     *
     * @param data the output, UTF-8; empty when it came in pieces
     */
    record Answered(ByteString data, long inputTokens, long outputTokens) implements Attempt {}

    /** The instance had nothing of the task: another one may have it. */
    record NotTaken(String detail) implements Attempt {}

    /** The connection broke while the instance had the task; nobody knows how far it came. */
    record Lost(String detail) implements Attempt {}

    /** The instance says no, and asking again would not help. */
    record Refused(Status status) implements Attempt {}

    /** It took longer than it might. */
    record Expired(String detail) implements Attempt {}

    /** We gave up: the caller is gone, or this executor stops. */
    record Abandoned() implements Attempt {}
}

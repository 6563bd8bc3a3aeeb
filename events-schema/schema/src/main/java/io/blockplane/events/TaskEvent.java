package io.blockplane.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the executor saw: topic {@link Topic#TASKS}. */
public sealed interface TaskEvent extends Event {

    String blockId();

    /** Event time, epoch milliseconds: windows order by this and by nothing else. */
    long atMs();

    @Override
    default String subject() {
        return blockId();
    }

    /**
     * The terminal event of a task: exactly one for each accepted packet.
     *
     * @param taskId unique; {@code <partition>-<offset>} of the inbox record for infer
     * @param entry how it came in
     * @param seqNo the packet's sequence number, an unsigned 64-bit number as text
     * @param instanceId the last instance it was given to; absent when it reached none
     * @param reason why it did not complete; absent when it did
     * @param atMs when it ended, epoch milliseconds
     * @param queueUs from acceptance to hand-over to the (last) instance
     * @param serviceUs inside the (last) instance, as seen from here
     * @param totalUs from acceptance to the end
     * @param tokensIn tokens read, as the instance reported them
     * @param tokensOut tokens written, as the instance reported them
     * @param attempts how many times it was handed to an instance
     * @param routing the last routing decision; absent when it reached none
     * @param earlierRoutings calls of a policy object for this task before the last routing
     *     decision, in order: each took a number of its lane; absent when there are none
     */
    record TaskFinished(
            String blockId,
            String taskId,
            Entry entry,
            String sessionId,
            String seqNo,
            @Nullable String instanceId,
            Outcome outcome,
            @Nullable String reason,
            long atMs,
            long queueUs,
            long serviceUs,
            long totalUs,
            long tokensIn,
            long tokensOut,
            int attempts,
            @Nullable Routing routing,
            @Nullable List<Routing> earlierRoutings)
            implements TaskEvent {
        public TaskFinished {
            earlierRoutings = earlierRoutings == null ? null : List.copyOf(earlierRoutings);
        }

        /** Of a task that was routed once, or never. */
        public TaskFinished(
                String blockId,
                String taskId,
                Entry entry,
                String sessionId,
                String seqNo,
                @Nullable String instanceId,
                Outcome outcome,
                @Nullable String reason,
                long atMs,
                long queueUs,
                long serviceUs,
                long totalUs,
                long tokensIn,
                long tokensOut,
                int attempts,
                @Nullable Routing routing) {
            this(
                    blockId,
                    taskId,
                    entry,
                    sessionId,
                    seqNo,
                    instanceId,
                    outcome,
                    reason,
                    atMs,
                    queueUs,
                    serviceUs,
                    totalUs,
                    tokensIn,
                    tokensOut,
                    attempts,
                    routing,
                    null);
        }
    }

    /**
     * Time passed: one per block, executor and second, so that time moves in the log without
     * traffic.
     *
     * @param atMs the second's boundary, epoch milliseconds, a multiple of 1000
     * @param queued tasks that wait for an instance: accepted packets and Predict calls
     * @param instances every instance that the executor may route to or is draining, by id
     */
    record Ticked(
            String blockId, String executorId, long atMs, int queued, List<InstanceLoad> instances)
            implements TaskEvent {
        public Ticked {
            instances = List.copyOf(instances);
        }
    }

    /**
     * What an executor knew of an instance's load.
     *
     * @param outstanding tasks that it has from this executor
     * @param inFlight requests that it has from all, by a probe of it or by our own count; absent
     *     unless the balancer weighs it
     * @param latencyUs of one request there now, microseconds, 0 when nothing is known; absent
     *     unless the balancer weighs it
     * @param tokens estimated, of the tasks that it has from this executor; absent unless the
     *     balancer weighs them
     */
    record InstanceLoad(
            String instanceId,
            int outstanding,
            @Nullable Integer inFlight,
            @Nullable Long latencyUs,
            @Nullable Long tokens) {

        /** The common load: tasks alone. */
        public InstanceLoad(String instanceId, int outstanding) {
            this(instanceId, outstanding, null, null, null);
        }

        /** With what a probe says. */
        public static InstanceLoad probed(
                String instanceId, int outstanding, int inFlight, long latencyUs) {
            return new InstanceLoad(instanceId, outstanding, inFlight, latencyUs, null);
        }

        /** With tokens. */
        public static InstanceLoad ofTokens(String instanceId, int outstanding, long tokens) {
            return new InstanceLoad(instanceId, outstanding, null, null, tokens);
        }
    }

    /**
     * An instance gave no answers, and an executor routes nothing to it for a while.
     *
     * @param atMs epoch milliseconds
     * @param reason in words
     * @param consecutiveFailures attempts in a row that failed
     * @param attempts in the window of the executor's outlier ejection
     * @param failures of these attempts
     * @param times how often in a row it has been ejected, from 1
     * @param ejectedForMs until it is tried again
     */
    record InstanceEjected(
            String blockId,
            String executorId,
            String instanceId,
            long atMs,
            String reason,
            int consecutiveFailures,
            int attempts,
            int failures,
            int times,
            long ejectedForMs)
            implements TaskEvent {}

    /**
     * An instance that was ejected is routed to again.
     *
     * @param atMs epoch milliseconds
     * @param ejectedForMs how long it got nothing
     * @param times how often in a row it had been ejected
     */
    record InstanceReadmitted(
            String blockId,
            String executorId,
            String instanceId,
            long atMs,
            long ejectedForMs,
            int times)
            implements TaskEvent {}

    /**
     * What an instance says of itself: a metrics document of an AIOSv1 instance, as it sent it.
     *
     * @param document its object, less the keys that name the sender
     */
    record InstanceReported(String blockId, String instanceId, long atMs, Json document)
            implements TaskEvent {}

    enum Entry {
        INFER,
        PREDICT
    }

    enum Outcome {
        COMPLETED,
        FAILED,
        EXPIRED
    }

    /**
     * The routing decision of one task, with all that it depended on.
     *
     * @param policy uri of the balancer
     * @param incarnation of the balancer's policy object; 0 for built-in ones, which keep no state
     * @param sequence of this decision: of a built-in one in its executor's life; of a policy
     *     object's in its chain, see {@link PolicyDecided}
     * @param instanceSetVersion the block's version (see {@link BlockEvent#version}) that the
     *     candidates come from
     * @param candidates in the order that the balancer saw
     * @param choice the instance picked
     * @param lane of the policy object; absent when a built-in balancer was asked alone, as the
     *     time, the packet and the effects are then
     * @param logicalTimeMs the policy's clock during the call, epoch milliseconds
     * @param packet the fields of the packet that the policy read, by name
     * @param effects what came in from outside or went out during the call; absent when nothing did
     * @param fallback why the choice is the fallback's and not the policy's: how the policy's call
     *     ended ({@code RAISED: ...}), {@code OVERRULED: <its choice>: ...} or, in a record of the
     *     built-in balancer, {@code NOT_CALLED: ...}; absent when it is the policy's
     */
    record Routing(
            String policy,
            int incarnation,
            long sequence,
            long instanceSetVersion,
            List<InstanceLoad> candidates,
            String choice,
            @Nullable String lane,
            @Nullable Long logicalTimeMs,
            @Nullable Json packet,
            @Nullable List<PolicyDecided.Effect> effects,
            @Nullable String fallback) {
        public Routing {
            candidates = List.copyOf(candidates);
            effects = effects == null ? null : List.copyOf(effects);
        }

        /** Of a built-in balancer. */
        public static Routing builtIn(
                String policy,
                long sequence,
                long instanceSetVersion,
                List<InstanceLoad> candidates,
                String choice) {
            return new Routing(
                    policy,
                    0,
                    sequence,
                    instanceSetVersion,
                    candidates,
                    choice,
                    null,
                    null,
                    null,
                    null,
                    null);
        }
    }
}

package io.blockplane.control.core;

import io.blockplane.control.core.Decision.Accepted;
import io.blockplane.control.core.Decision.Rejected;
import io.blockplane.control.core.Instance.Transition;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.Command.ReportInstance;
import io.blockplane.events.InstanceAddress;
import java.util.List;

/**
 * Reports of drivers and executors. A report that says what is known changes nothing; one that
 * comes too late, or that cannot be true, is refused, so that it stands in the log.
 *
 * <pre>
 *             REQUESTED        READY            DRAINING         DRAINED
 * READY       InstanceReady    known            stale            stale
 * DRAINED     impossible       impossible       InstanceDrained  known
 * EXITED      InstanceLost     InstanceLost     InstanceStopped  InstanceStopped
 * </pre>
 *
 * A report of an older generation is stale, one of a generation that never was is impossible.
 */
final class ReportDecider {

    private ReportDecider() {}

    static Decision<Reply> decide(BlockState.Present block, ReportInstance report) {
        var found = block.instance(report.instanceId());
        if (found.isEmpty()) {
            return new Rejected<>(
                    new Rejection.UnknownInstance(block.blockId(), report.instanceId()));
        }
        Instance instance = found.get();
        if (report.generation() < instance.generation()) {
            return stale(report, "it runs as generation " + instance.generation());
        }
        if (report.generation() > instance.generation()) {
            return impossible(
                    report,
                    "generation "
                            + report.generation()
                            + " (expected: "
                            + instance.generation()
                            + ")");
        }
        return switch (report.observation()) {
            case READY -> ready(block, instance, report);
            case DRAINED -> drained(block, instance, report);
            case EXITED -> exited(block, instance, report);
        };
    }

    private static Decision<Reply> ready(
            BlockState.Present block, Instance instance, ReportInstance report) {
        InstanceAddress address = report.address();
        if (address == null) {
            return new Rejected<>(
                    new Rejection.Invalid("address", "null", "where the instance serves"));
        }
        return switch (instance.phase()) {
            case REQUESTED ->
                    recorded(
                            new BlockEvent.InstanceReady(
                                    block.blockId(),
                                    block.version() + 1,
                                    instance.instanceId(),
                                    instance.generation(),
                                    address),
                            instance,
                            Transition.BECAME_READY);
            case READY ->
                    address.equals(instance.address())
                            ? known(instance)
                            : impossible(report, "it serves elsewhere: " + instance.address());
            case DRAINING, DRAINED -> stale(report, "it is " + instance.phase());
        };
    }

    private static Decision<Reply> drained(
            BlockState.Present block, Instance instance, ReportInstance report) {
        return switch (instance.phase()) {
            case REQUESTED, READY -> impossible(report, "it is not to go");
            case DRAINING ->
                    recorded(
                            new BlockEvent.InstanceDrained(
                                    block.blockId(), block.version() + 1, instance.instanceId()),
                            instance,
                            Transition.WAS_DRAINED);
            case DRAINED -> known(instance);
        };
    }

    private static Decision<Reply> exited(
            BlockState.Present block, Instance instance, ReportInstance report) {
        return switch (instance.phase()) {
            case REQUESTED, READY ->
                    recorded(
                            new BlockEvent.InstanceLost(
                                    block.blockId(),
                                    block.version() + 1,
                                    instance.instanceId(),
                                    instance.generation() + 1,
                                    report.exitCode(),
                                    report.detail()),
                            instance,
                            Transition.WAS_LOST);
            case DRAINING, DRAINED ->
                    recorded(
                            new BlockEvent.InstanceStopped(
                                    block.blockId(),
                                    block.version() + 1,
                                    instance.instanceId(),
                                    report.exitCode()),
                            instance,
                            Transition.STOPPED);
        };
    }

    private static Decision<Reply> recorded(
            BlockEvent event, Instance instance, Transition transition) {
        return new Accepted<>(
                List.of(event), new Reply.Recorded(instance.instanceId(), transition));
    }

    private static Decision<Reply> known(Instance instance) {
        return new Accepted<>(List.of(), new Reply.AlreadyKnown(instance.instanceId()));
    }

    private static Decision<Reply> stale(ReportInstance report, String because) {
        return new Rejected<>(
                new Rejection.StaleReport(report.instanceId(), report.observation(), because));
    }

    private static Decision<Reply> impossible(ReportInstance report, String because) {
        return new Rejected<>(
                new Rejection.ImpossibleReport(report.instanceId(), report.observation(), because));
    }
}

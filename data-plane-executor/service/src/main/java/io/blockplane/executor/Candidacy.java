package io.blockplane.executor;

import io.blockplane.executor.core.OutlierEjection;
import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import io.blockplane.executor.core.Protection;
import io.blockplane.executor.core.SlowStart;
import io.blockplane.executor.transport.Attempt;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which of a block's instances may be picked at all, by whatever balancer: they serve, they have
 * room, they are not ejected; and one that warms up is among them only for its share of the tasks.
 * Belongs to the router's lock.
 */
final class Candidacy {

    private final OutlierEjection ejection = new OutlierEjection(Protection.DEFAULT.ejection());
    private Protection protection = Protection.DEFAULT;
    private SlowStart slowStart = new SlowStart(protection.slowStart());

    /** For whom a candidate is wanted. */
    record Wanted(boolean infer, int inferPerInstance, Set<String> avoid, long key) {}

    /** Other settings from now on. */
    void protect(Protection next) {
        if (!next.slowStart().equals(protection.slowStart())) {
            slowStart = new SlowStart(next.slowStart());
        }
        ejection.limit(next.ejection());
        protection = next;
    }

    /** An instance may be routed to. */
    void begin(String instanceId, long nowNanos) {
        ejection.forget(instanceId);
        slowStart.begin(instanceId, nowNanos);
    }

    /** An instance is gone. */
    void forget(String instanceId) {
        slowStart.forget(instanceId);
    }

    /** Those that may be routed to now; returns the ejected ones that have to come back. */
    List<Readmission> members(Collection<Target> targets, long nowNanos) {
        Set<String> routable = new TreeSet<>();
        for (Target target : targets) {
            if (target.routable) {
                routable.add(target.instanceId);
            }
        }
        return warming(ejection.members(routable, nowNanos), nowNanos);
    }

    /** Lets those come back whose time is over. */
    List<Readmission> due(long nowNanos) {
        return warming(ejection.due(nowNanos), nowNanos);
    }

    boolean isEjected(String instanceId) {
        return ejection.isEjected(instanceId);
    }

    int ejected() {
        return ejection.ejected();
    }

    boolean full(Target target) {
        return target.outstanding >= protection.maxOutstanding();
    }

    /** An attempt ended; its instance's ejection, if that follows. */
    @Nullable Ejection ended(String instanceId, Attempt attempt, long nowNanos) {
        return switch (attempt) {
            case Attempt.Answered _ -> {
                ejection.answered(instanceId, nowNanos);
                yield null;
            }
            case Attempt.NotTaken(String detail) -> ejection.failed(instanceId, detail, nowNanos);
            case Attempt.Lost(String detail) -> ejection.failed(instanceId, detail, nowNanos);
            case Attempt.Refused(Status status) ->
                    switch (status.getCode()) {
                        // The instance's own fault, as far as can be told from here.
                        case UNKNOWN, INTERNAL, UNAVAILABLE, DATA_LOSS ->
                                ejection.failed(
                                        instanceId,
                                        status.getCode() + ": " + status.getDescription(),
                                        nowNanos);
                        case OK,
                                CANCELLED,
                                INVALID_ARGUMENT,
                                DEADLINE_EXCEEDED,
                                NOT_FOUND,
                                ALREADY_EXISTS,
                                PERMISSION_DENIED,
                                RESOURCE_EXHAUSTED,
                                FAILED_PRECONDITION,
                                ABORTED,
                                OUT_OF_RANGE,
                                UNIMPLEMENTED,
                                UNAUTHENTICATED -> {
                            ejection.answered(instanceId, nowNanos);
                            yield null;
                        }
                    };
            // A time limit says that it is slow, which is the balancer's affair.
            case Attempt.Expired _, Attempt.Abandoned _ -> null;
        };
    }

    /**
     * Those that a task may go to now, in the order of their ids. An instance that the task is to
     * avoid is among them only when there is no other, full or not: else the task waits for that.
     */
    List<Target> of(Collection<Target> targets, Wanted wanted, long nowNanos) {
        List<Target> fresh = new ArrayList<>(targets.size());
        List<Target> avoided = List.of();
        boolean anyOther = false;
        for (Target target : targets) {
            if (!target.routable || isEjected(target.instanceId)) {
                continue;
            }
            boolean room =
                    !full(target) && (!wanted.infer() || target.infer < wanted.inferPerInstance());
            if (wanted.avoid().isEmpty() || !wanted.avoid().contains(target.instanceId)) {
                anyOther = true;
                if (room) {
                    fresh.add(target);
                }
            } else if (room) {
                avoided = avoided.isEmpty() ? new ArrayList<>() : avoided;
                avoided.add(target);
            }
        }
        return warm(anyOther ? fresh : avoided, wanted.key(), nowNanos);
    }

    /**
     * All that may be routed to, whether they have room or not. One that warms up is always among
     * them: a policy that starts anew when the number of instances changes is to see it once.
     */
    List<Target> all(Collection<Target> targets) {
        List<Target> serving = new ArrayList<>(targets.size());
        for (Target target : targets) {
            if (target.routable && !isEjected(target.instanceId)) {
                serving.add(target);
            }
        }
        return serving;
    }

    /** Whether an instance warms up and has its share of the tasks without this one. */
    boolean warmsUp(Target target, Collection<Target> targets, long key, long nowNanos) {
        return !slowStart.allWarm() && !warm(all(targets), key, nowNanos).contains(target);
    }

    private List<Target> warm(List<Target> targets, long key, long nowNanos) {
        return slowStart.warm(targets, target -> target.instanceId, key, nowNanos);
    }

    private List<Readmission> warming(List<Readmission> back, long nowNanos) {
        for (Readmission readmission : back) {
            slowStart.begin(readmission.instanceId(), nowNanos);
        }
        return back;
    }
}

package io.blockplane.executor.core.routing;

import io.blockplane.executor.core.OutlierEjection;
import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import io.blockplane.executor.core.Protection;
import io.blockplane.executor.core.SlowStart;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which of a block's instances may be picked at all, by whatever balancer: they serve, they have
 * room, they are not ejected; and one that warms up is among them only for its share of the tasks.
 */
final class Candidacy<I extends RoutedInstance> {

    private final int inferPerInstance;
    private final OutlierEjection ejection = new OutlierEjection(Protection.DEFAULT.ejection());
    private Protection protection = Protection.DEFAULT;
    private SlowStart slowStart = new SlowStart(protection.slowStart());

    Candidacy(int inferPerInstance) {
        this.inferPerInstance = inferPerInstance;
    }

    /** Other settings from now on. */
    void protect(Protection next) {
        if (!next.slowStart().equals(protection.slowStart())) {
            slowStart = new SlowStart(next.slowStart());
        }
        ejection.limit(next.ejection());
        protection = next;
    }

    /** An instance may be routed to. */
    void begin(String instanceId, long sinceNanos) {
        ejection.forget(instanceId);
        slowStart.begin(instanceId, sinceNanos);
    }

    /** An instance is gone. */
    void forget(String instanceId) {
        slowStart.forget(instanceId);
    }

    /** Those that may be routed to now; returns the ejected ones that have to come back. */
    List<Readmission> members(Collection<I> instances, long nowNanos) {
        Set<String> routable = new TreeSet<>();
        for (I instance : instances) {
            if (instance.routable) {
                routable.add(instance.instanceId());
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

    /** Whether an instance has no room for one more task. */
    boolean full(I instance, boolean infer) {
        return instance.outstanding >= protection.maxOutstanding()
                || (infer && instance.infer >= inferPerInstance);
    }

    /** An attempt ended, and it was not the instance's fault if it did badly. */
    void answered(String instanceId, long nowNanos) {
        ejection.answered(instanceId, nowNanos);
    }

    /** An attempt failed; its instance's ejection, if that follows. */
    @Nullable Ejection failed(String instanceId, String detail, long nowNanos) {
        return ejection.failed(instanceId, detail, nowNanos);
    }

    /**
     * Those that a task may go to now, in the order of their ids. An instance that the task is to
     * avoid is among them only when there is no other, full or not: else the task waits for that.
     *
     * @param key of the task, see {@link SlowStart#admits}
     */
    List<I> of(Collection<I> instances, Set<String> avoid, boolean infer, long key, long nowNanos) {
        List<I> fresh = new ArrayList<>(instances.size());
        List<I> avoided = List.of();
        boolean anyOther = false;
        for (I instance : instances) {
            if (!instance.routable || isEjected(instance.instanceId())) {
                continue;
            }
            boolean room = !full(instance, infer);
            if (avoid.isEmpty() || !avoid.contains(instance.instanceId())) {
                anyOther = true;
                if (room) {
                    fresh.add(instance);
                }
            } else if (room) {
                avoided = avoided.isEmpty() ? new ArrayList<>() : avoided;
                avoided.add(instance);
            }
        }
        return warm(anyOther ? fresh : avoided, key, nowNanos);
    }

    /**
     * All that may be routed to, whether they have room or not. One that warms up is always among
     * them: a policy that starts anew when the number of instances changes is to see it once.
     */
    List<I> all(Collection<I> instances) {
        List<I> serving = new ArrayList<>(instances.size());
        for (I instance : instances) {
            if (instance.routable && !isEjected(instance.instanceId())) {
                serving.add(instance);
            }
        }
        return serving;
    }

    /** Whether an instance warms up and has its share of the tasks without this one. */
    boolean warmsUp(I instance, Collection<I> instances, long key, long nowNanos) {
        return !slowStart.allWarm() && !warm(all(instances), key, nowNanos).contains(instance);
    }

    private List<I> warm(List<I> instances, long key, long nowNanos) {
        return slowStart.warm(instances, RoutedInstance::instanceId, key, nowNanos);
    }

    private List<Readmission> warming(List<Readmission> back, long nowNanos) {
        for (Readmission readmission : back) {
            slowStart.begin(readmission.instanceId(), nowNanos);
        }
        return back;
    }
}

package io.blockplane.executor;

import io.blockplane.events.InstanceAddress;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.executor.core.InstanceSet;
import io.blockplane.executor.core.InstanceSet.Member;
import io.blockplane.executor.core.routing.BlockRouter;
import io.blockplane.executor.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A block's instance set, and the ways to those that serve; keeps the router's instances as the set
 * says. Belongs to the router's lock.
 */
final class InstanceTable {

    private static final Logger LOG = LoggerFactory.getLogger(InstanceTable.class);

    private final String blockId;
    private final Transport.Factory transports;
    private final BlockRouter<Target, ?, ?> router;
    private InstanceSet set = InstanceSet.EMPTY;

    InstanceTable(String blockId, Transport.Factory transports, BlockRouter<Target, ?, ?> router) {
        this.blockId = blockId;
        this.transports = transports;
        this.router = router;
    }

    /** Takes over a newer set; returns runs that are over, the ways to which are to be closed. */
    List<Target> update(InstanceSet next, long nowNanos) {
        set = next;
        List<Target> gone =
                router.instances().stream().filter(target -> !stillServes(target, next)).toList();
        gone.forEach(router::remove);
        next.members().forEach((id, member) -> admit(id, member, nowNanos));
        router.changed(next.version(), nowNanos);
        return gone;
    }

    /** Lets no instance be routed to any more; returns all, the ways to which are to be closed. */
    List<Target> close(long nowNanos) {
        List<Target> all = List.copyOf(router.instances());
        all.forEach(target -> router.routable(target, false));
        router.changed(set.version(), nowNanos);
        return all;
    }

    /**
     * Draining instances that have no task any more, or never had an address to give one to. Where
     * several have one address (they take from one list) nobody knows who took what: each is
     * drained when none of them has a task.
     */
    List<Router.Idle> drained() {
        List<Router.Idle> idle = new ArrayList<>();
        set.members()
                .forEach((id, member) -> {
                    Target target = router.find(id);
                    if (member instanceof Member.Draining
                            && (target == null || nothingAt(target.address.target()))) {
                        idle.add(new Router.Idle(id, member.generation()));
                    }
                });
        return idle;
    }

    private boolean nothingAt(String address) {
        for (Target target : router.instances()) {
            if (target.outstanding() > 0 && target.address.target().equals(address)) {
                return false;
            }
        }
        return true;
    }

    /** Routable and draining instances, by id, with what each has in its hands. */
    List<InstanceLoad> loads() {
        List<InstanceLoad> loads = new ArrayList<>();
        set.members()
                .forEach((id, member) -> {
                    if (member instanceof Member.Routable || member instanceof Member.Draining) {
                        Target target = router.find(id);
                        loads.add(new InstanceLoad(id, target == null ? 0 : target.outstanding()));
                    }
                });
        return loads;
    }

    /** Addresses of routable and draining instances, by id. */
    Map<String, InstanceAddress> addresses() {
        Map<String, InstanceAddress> addresses = new TreeMap<>();
        set.members()
                .forEach((id, member) -> {
                    InstanceAddress address = addressOf(member);
                    if (address != null) {
                        addresses.put(id, address);
                    }
                });
        return addresses;
    }

    private static boolean stillServes(Target target, InstanceSet next) {
        Member member = next.members().get(target.instanceId());
        return member != null
                && member.generation() == target.generation()
                && target.address.equals(addressOf(member));
    }

    private static @Nullable InstanceAddress addressOf(Member member) {
        return switch (member) {
            case Member.Routable(int _, InstanceAddress address) -> address;
            case Member.Draining(int _, @Nullable InstanceAddress address) -> address;
            case Member.Starting _, Member.Drained _ -> null;
        };
    }

    private void admit(String instanceId, Member member, long nowNanos) {
        Target known = router.find(instanceId);
        if (known != null) {
            router.routable(known, member instanceof Member.Routable);
        } else if (member instanceof Member.Routable(int generation, InstanceAddress address)) {
            try {
                Transport transport = transports.open(blockId, address);
                router.admit(new Target(instanceId, generation, address, transport), nowNanos);
            } catch (IllegalArgumentException e) {
                LOG.atError()
                        .addKeyValue("blockId", blockId)
                        .addKeyValue("instanceId", instanceId)
                        .setCause(e)
                        .log("instance gets no tasks: no way to it");
            }
        }
    }
}

package io.blockplane.executor;

import io.blockplane.events.InstanceAddress;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.executor.core.InstanceSet;
import io.blockplane.executor.core.InstanceSet.Member;
import io.blockplane.executor.transport.Transport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A block's instances, and the ways to those that serve. Belongs to the router's lock. */
final class InstanceTable {

    private static final Logger LOG = LoggerFactory.getLogger(InstanceTable.class);

    private final String blockId;
    private final Transport.Factory transports;
    private final Candidacy candidacy;
    private final Map<String, Target> targets = new TreeMap<>();
    private InstanceSet set = InstanceSet.EMPTY;

    InstanceTable(String blockId, Transport.Factory transports, Candidacy candidacy) {
        this.blockId = blockId;
        this.transports = transports;
        this.candidacy = candidacy;
    }

    /** Takes over a newer set; returns runs that are over, the ways to which are to be closed. */
    List<Target> update(InstanceSet next, long nowNanos) {
        List<Target> gone = new ArrayList<>();
        set = next;
        targets.values()
                .removeIf(target -> {
                    boolean remove = !stillServes(target, next);
                    if (remove) {
                        gone.add(target);
                        candidacy.forget(target.instanceId);
                    }
                    return remove;
                });
        next.members().forEach((id, member) -> admit(id, member, nowNanos));
        return gone;
    }

    /** Of the last event in it. */
    long version() {
        return set.version();
    }

    @Nullable Target find(String instanceId) {
        return targets.get(instanceId);
    }

    /** Those with a way to them, by id. */
    Collection<Target> targets() {
        return targets.values();
    }

    boolean anyRoutable() {
        for (Target target : targets.values()) {
            if (target.routable) {
                return true;
            }
        }
        return false;
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
                    Target target = targets.get(id);
                    if (member instanceof Member.Draining
                            && (target == null || nothingAt(target.address.target()))) {
                        idle.add(new Router.Idle(id, member.generation()));
                    }
                });
        return idle;
    }

    private boolean nothingAt(String address) {
        for (Target target : targets.values()) {
            if (target.outstanding > 0 && target.address.target().equals(address)) {
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
                        Target target = targets.get(id);
                        loads.add(new InstanceLoad(id, target == null ? 0 : target.outstanding));
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

    /** Infer tasks that instances have in their hands. */
    int inferOutstanding() {
        return targets.values().stream().mapToInt(t -> t.infer).sum();
    }

    private static boolean stillServes(Target target, InstanceSet next) {
        Member member = next.members().get(target.instanceId);
        return member != null
                && member.generation() == target.generation
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
        Target known = targets.get(instanceId);
        if (known != null) {
            known.routable = member instanceof Member.Routable;
        } else if (member instanceof Member.Routable(int generation, InstanceAddress address)) {
            try {
                Transport transport = transports.open(blockId, address);
                targets.put(instanceId, new Target(instanceId, generation, address, transport));
                candidacy.begin(instanceId, nowNanos);
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

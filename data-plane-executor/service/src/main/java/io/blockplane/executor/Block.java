package io.blockplane.executor;

import io.blockplane.events.BlockSpec;
import io.blockplane.executor.core.InstanceSet;

/** One block as this executor serves it. */
final class Block implements AutoCloseable {

    private final BlockSpec spec;
    private final Router router;
    private final PolicyRouting balancer;

    /** Written by the tail of the log alone. */
    private volatile InstanceSet instances = InstanceSet.EMPTY;

    Block(BlockSpec spec, Router router, PolicyRouting balancer) {
        this.spec = spec;
        this.router = router;
        this.balancer = balancer;
    }

    String id() {
        return spec.blockId();
    }

    BlockSpec spec() {
        return spec;
    }

    Router router() {
        return router;
    }

    /** Where the block's own policy says where a task goes. */
    PolicyRouting balancer() {
        return balancer;
    }

    InstanceSet instances() {
        return instances;
    }

    void update(InstanceSet next) {
        instances = next;
        router.update(next);
    }

    @Override
    public void close() {
        router.close();
        balancer.close();
    }
}

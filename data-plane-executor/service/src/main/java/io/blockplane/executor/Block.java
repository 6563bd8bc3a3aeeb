package io.blockplane.executor;

import io.blockplane.events.BlockSpec;
import io.blockplane.executor.core.InstanceSet;

/** One block as this executor serves it. */
final class Block implements AutoCloseable {

    private final BlockSpec spec;
    private final Router router;

    /** Written by the tail of the log alone. */
    private volatile InstanceSet instances = InstanceSet.EMPTY;

    Block(BlockSpec spec, Router router) {
        this.spec = spec;
        this.router = router;
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
    }
}

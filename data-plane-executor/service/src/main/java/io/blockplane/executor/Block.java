package io.blockplane.executor;

import io.blockplane.events.BlockSpec;
import io.blockplane.executor.core.InstanceSet;

/** One block as this executor serves it. */
final class Block implements AutoCloseable {

    /** In a block's {@code initSettings}. */
    static final String STORE_PREDICTIONS = "storePredictions";

    private final BlockSpec spec;
    private final boolean storesPredictions;
    private final Router router;
    private final PolicyRouting balancer;

    /** Written by the tail of the log alone. */
    private volatile InstanceSet instances = InstanceSet.EMPTY;

    Block(BlockSpec spec, Router router, PolicyRouting balancer) {
        this.spec = spec;
        this.storesPredictions =
                spec.initSettings().node().path(STORE_PREDICTIONS).asBoolean(false);
        this.router = router;
        this.balancer = balancer;
    }

    String id() {
        return spec.blockId();
    }

    /** True: the block wants outputs of Predict in {@code blockplane.outputs}, too. */
    boolean storesPredictions() {
        return storesPredictions;
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

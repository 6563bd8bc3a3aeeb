package io.blockplane.executor;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.executor.core.InstanceSet;
import io.blockplane.executor.core.Refusal;
import io.blockplane.executor.core.RoutingRules;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One block as this executor serves it. */
final class Block implements AutoCloseable {

    /** In a block's {@code initSettings}. */
    static final String STORE_PREDICTIONS = "storePredictions";

    private static final Logger LOG = LoggerFactory.getLogger(Block.class);

    private final BlockSpec spec;
    private final boolean storesPredictions;
    private final Router router;
    private final PolicyRouting balancer;

    // Written by the tail of the log alone.
    private RoutingRules rules = RoutingRules.DEFAULT;
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

    /** One more event of the block, in its order. */
    void apply(BlockEvent event) {
        InstanceSet after = instances.apply(event);
        if (after.version() == instances.version()) {
            // A refusal, or an event that was seen before: it changes nothing.
            return;
        }
        instances = after;
        RoutingRules next = rules.apply(event);
        Refusal refusal = next.refusal();
        if (refusal != null && !next.equals(rules)) {
            LOG.atWarn()
                    .addKeyValue("blockId", id())
                    .addKeyValue("refusal", refusal.message())
                    .addKeyValue("instead", next.balancer().uri())
                    .log("balancer can't be used as it is bound");
        }
        rules = next;
        // Together: what is decided at a version is decided by the rules of that version.
        router.update(instances, next);
    }

    @Override
    public void close() {
        router.close();
        balancer.close();
    }
}

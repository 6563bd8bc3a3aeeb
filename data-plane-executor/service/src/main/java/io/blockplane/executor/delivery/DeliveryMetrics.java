package io.blockplane.executor.delivery;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.util.function.LongSupplier;

/** What became of results, for Prometheus. */
public final class DeliveryMetrics {

    private final Counter delivered;
    private final Counter retried;
    private final Counter dead;
    private final Gauge open;

    /**
     * Registers them.
     *
     * @param unmatched answers of instances that nobody waited for, so far
     */
    public DeliveryMetrics(CollectorRegistry registry, LongSupplier unmatched) {
        Gauge.build(
                        "blockplane_answers_unmatched",
                        "Answers of instances behind lists that nobody waited for, since the start")
                .create()
                .setChild(
                        new Gauge.Child() {
                            @Override
                            public double get() {
                                return unmatched.getAsLong();
                            }
                        })
                .register(registry);
        this.delivered =
                Counter.build(
                                "blockplane_results_delivered_total",
                                "Results that a destination has")
                        .register(registry);
        this.retried =
                Counter.build("blockplane_delivery_failures_total", "Attempts that failed")
                        .register(registry);
        this.dead =
                Counter.build(
                                "blockplane_results_dead_lettered_total",
                                "Results that a destination did not get")
                        .register(registry);
        this.open =
                Gauge.build("blockplane_deliveries_open", "Results on their way to a destination")
                        .register(registry);
    }

    void opened() {
        open.inc();
    }

    void delivered() {
        open.dec();
        delivered.inc();
    }

    void failed() {
        retried.inc();
    }

    void dead() {
        open.dec();
        dead.inc();
    }

    void dropped() {
        open.dec();
    }
}

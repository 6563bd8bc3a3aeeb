package io.blockplane.executor.core;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Json;
import org.jspecify.annotations.Nullable;

/**
 * How a block's tasks are routed, as far as code that comes along decides it: the fold of the
 * block's events. Where a policy in Python is bound, {@link LeastOutstanding} finds the place that
 * it may move a task from.
 *
 * @param binding of the block's balancer; null when it has none
 * @param refusal why the binding can't be used as it is, and what it names has its default; null
 *     when it can
 */
public record RoutingRules(
        @Nullable PolicyBinding binding,
        NativeBalancer balancer,
        Protection protection,
        @Nullable Refusal refusal) {

    /** Name of the balancer in a block's policies. */
    public static final String POLICY_NAME = "loadBalancer";

    public static final RoutingRules DEFAULT =
            new RoutingRules(null, new LeastOutstanding(), Protection.DEFAULT, null);

    /** The rules after one more event of the block. */
    public RoutingRules apply(BlockEvent event) {
        return switch (event) {
            case BlockEvent.BlockCreated created -> of(created.spec().policies().get(POLICY_NAME));
            case BlockEvent.PolicyActivated activated ->
                    activated.policyName().equals(POLICY_NAME) ? of(activated.binding()) : this;
            case BlockEvent.PolicyQuarantined quarantined ->
                    quarantined.policyName().equals(POLICY_NAME)
                                    && binding != null
                                    && binding.policyUri().equals(quarantined.policyUri())
                            ? new RoutingRules(null, new LeastOutstanding(), protection, refusal)
                            : this;
            case BlockEvent.PolicyProposed _,
                    BlockEvent.PolicyRefused _,
                    BlockEvent.PolicyShadowed _,
                    BlockEvent.ShadowEnded _,
                    BlockEvent.ScaleApplied _,
                    BlockEvent.InstanceRequested _,
                    BlockEvent.InstanceReady _,
                    BlockEvent.InstanceLost _,
                    BlockEvent.InstanceDraining _,
                    BlockEvent.InstanceDrained _,
                    BlockEvent.InstanceStopped _,
                    BlockEvent.CommandRefused _ ->
                    this;
        };
    }

    /** The rules of a binding. */
    public static RoutingRules of(@Nullable PolicyBinding binding) {
        if (binding == null) {
            return DEFAULT;
        }
        NativeBalancer balancer = new LeastOutstanding();
        Protection protection = Protection.DEFAULT;
        Refusal refusal = null;
        if (binding.policyUri().startsWith(NativeBalancers.PREFIX)) {
            switch (NativeBalancers.of(binding.policyUri(), binding.parameters())) {
                case NativeBalancers.Made.Ready(NativeBalancer made) -> balancer = made;
                case NativeBalancers.Made.Refused(Refusal why) -> refusal = why;
            }
        }
        switch (Protection.of(binding.settings())) {
            case Protection.Read.Settings(Protection read) -> protection = read;
            case Protection.Read.Refused(Refusal why) -> refusal = refusal == null ? why : refusal;
        }
        return new RoutingRules(binding, balancer, protection, refusal);
    }

    /** Why a binding can't be the block's balancer; null when it can. */
    public static @Nullable Refusal refusal(String policyUri, Json parameters, Json settings) {
        return of(new PolicyBinding(policyUri, parameters, settings)).refusal();
    }
}

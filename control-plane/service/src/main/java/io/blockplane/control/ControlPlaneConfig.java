package io.blockplane.control;

import io.blockplane.control.driver.OwnCommands;
import io.blockplane.control.driver.ProcessDriver;
import io.blockplane.control.rest.PolicyPorts;
import io.blockplane.executor.core.NativeBalancers;
import io.blockplane.log.Kafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What a control plane needs to know.
 *
 * @param kafka the log; its topics must be there
 * @param id of this control plane, in the source of its events
 * @param restHost address to listen on; there is no authentication, so loopback unless something
 *     guards it
 * @param restPort 0 takes a free one
 * @param policyPorts of the listeners that AIOSv1 has beside the main one; empty: none of them
 * @param dataDir folder for files of its own, made when missing; nothing in it is needed after a
 *     restart
 * @param answerLimit how long a request waits for what comes of its command
 * @param checkLimit how long a request waits for the check of a policy that it proposes
 * @param builtInPolicies uris that blocks may name without a registration
 * @param driver what runs the instances
 */
public record ControlPlaneConfig(
        Kafka kafka,
        String id,
        String restHost,
        int restPort,
        Optional<PolicyPorts> policyPorts,
        Path dataDir,
        Duration answerLimit,
        Duration checkLimit,
        Set<String> builtInPolicies,
        Driver driver) {

    public static final Duration DEFAULT_ANSWER_LIMIT = Duration.ofSeconds(15);

    /** A check loads the policy and runs it on recorded inputs. */
    public static final Duration DEFAULT_CHECK_LIMIT = Duration.ofSeconds(45);

    /** The balancer that the executor has when a block names none. */
    public static final Set<String> DEFAULT_BUILT_IN_POLICIES = NativeBalancers.URIS;

    public ControlPlaneConfig {
        builtInPolicies = Set.copyOf(builtInPolicies);
        if (id.isBlank()) {
            throw new IllegalArgumentException("id: " + id + " (expected: a name)");
        }
        if (restPort < 0 || restPort > 65_535) {
            throw new IllegalArgumentException("restPort: " + restPort + " (expected: 0 to 65535)");
        }
        if (answerLimit.isNegative() || answerLimit.isZero()) {
            throw new IllegalArgumentException(
                    "answerLimit: " + answerLimit + " (expected: more than zero)");
        }
        if (checkLimit.isNegative() || checkLimit.isZero()) {
            throw new IllegalArgumentException(
                    "checkLimit: " + checkLimit + " (expected: more than zero)");
        }
    }

    /**
     * On loopback, with instances as child processes that print into {@code dataDir}.
     *
     * @param own components of the operator's own
     */
    public static ControlPlaneConfig local(
            Kafka kafka,
            int restPort,
            Optional<PolicyPorts> policyPorts,
            Path dataDir,
            OwnCommands own) {
        return new ControlPlaneConfig(
                kafka,
                "local",
                "127.0.0.1",
                restPort,
                policyPorts,
                dataDir,
                DEFAULT_ANSWER_LIMIT,
                DEFAULT_CHECK_LIMIT,
                DEFAULT_BUILT_IN_POLICIES,
                new Driver.Processes(
                        ProcessDriver.Config.defaults(dataDir.resolve("instance-logs"), own)));
    }

    /** What runs the instances. */
    public sealed interface Driver {

        /** Child processes of this JVM. */
        record Processes(ProcessDriver.Config config) implements Driver {}

        /**
         * Nothing: others write the reports.
         *
         * @param components what they can run, by uri
         */
        record None(Set<String> components) implements Driver {
            public None {
                components = Set.copyOf(components);
            }
        }
    }
}

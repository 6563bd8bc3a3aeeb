package io.blockplane.control.rest;

import io.blockplane.control.ControlPlaneConfig;
import io.blockplane.control.ControlPlaneRole;
import io.blockplane.control.Http;
import io.blockplane.control.Http.Answer;
import io.blockplane.control.TestLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A control plane without instances on a log of its own, and a client. */
final class RunningApi implements AutoCloseable {

    private final TestLog log;
    private final ControlPlaneRole role;
    private final Http http;

    RunningApi(Path folder) throws IOException, InterruptedException {
        log = new TestLog(folder.resolve("kafka"));
        role =
                new ControlPlaneRole(
                        new ControlPlaneConfig(
                                log.kafka(),
                                "api",
                                "127.0.0.1",
                                0,
                                Optional.of(PolicyPorts.FREE),
                                folder.resolve("control"),
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(60),
                                ControlPlaneConfig.DEFAULT_BUILT_IN_POLICIES,
                                new ControlPlaneConfig.Driver.None(Set.of("openai:", "test"))));
        role.start();
        http = new Http(role.restUrl());
    }

    TestLog log() {
        return log;
    }

    Http http() {
        return http;
    }

    String url() {
        return role.restUrl();
    }

    /** The ports that it listens on. */
    Map<String, Integer> ports() {
        return role.ports();
    }

    Answer get(String path) throws IOException, InterruptedException {
        return http.get(path);
    }

    Answer post(String path, String json, String... headers)
            throws IOException, InterruptedException {
        return http.post(path, json, headers);
    }

    /**
     * A request for a block.
     *
     * @param more fields, each with a comma behind it
     * @param policy fields of one policy; empty: no policy
     */
    static String block(String id, String more, String policy) {
        return """
        {"head":{"templateUri":"Parser/V1"},"body":{"spec":{"values":{"blockId":"%s",%s\
        "blockComponentURI":"test","minInstances":1,"maxInstances":3,"policyRulesSpec":[%s]}}}}\
        """
                .formatted(
                        id,
                        more,
                        policy.isEmpty()
                                ? ""
                                : "{\"values\":{%s,\"policyRuleURI\":\"builtin:least-outstanding\"}}"
                                        .formatted(policy));
    }

    @Override
    public void close() {
        http.close();
        role.close();
        log.close();
    }
}

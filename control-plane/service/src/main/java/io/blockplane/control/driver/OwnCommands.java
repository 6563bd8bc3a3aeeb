package io.blockplane.control.driver;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Components that are commands of the operator's own: programs built with the AIOSv1 Instance SDK,
 * as they are. Only what the operator lists when the control plane starts can be run, so that a
 * block's specification can't bring a command of its own.
 *
 * @param commands the command line by component uri, {@code process:<name>}
 * @param redis {@code host:port} of what AIOSv1 knows as the executor's Redis; instances have their
 *     lists there, too
 */
public record OwnCommands(Map<String, List<String>> commands, String redis) {

    public static final String PREFIX = "process:";

    private static final Pattern URI =
            Pattern.compile("process:[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern REDIS = Pattern.compile("[^:]+:[0-9]{1,5}");

    /** There are none. Stands after the patterns, which it is checked by. */
    public static final OwnCommands NONE = new OwnCommands(Map.of(), "127.0.0.1:6379");

    public OwnCommands {
        Map<String, List<String>> copy = new LinkedHashMap<>();
        commands.forEach((uri, command) -> {
            if (!URI.matcher(uri).matches()) {
                throw new IllegalArgumentException(
                        "component: " + uri + " (expected: process:<name of a-z, 0-9 and '-'>)");
            }
            if (command.isEmpty()) {
                throw new IllegalArgumentException(
                        "component " + uri + ": no command (expected: a program)");
            }
            copy.put(uri, List.copyOf(command));
        });
        commands = Map.copyOf(copy);
        if (!REDIS.matcher(redis).matches()) {
            throw new IllegalArgumentException("redis: " + redis + " (expected: host:port)");
        }
    }

    /**
     * What one of them finds in its environment, under the names that AIOSv1 has for it.
     *
     * @param blocksUrl where {@code GET /blocks/<id>} and {@code GET /policy/<uri>} are answered
     */
    Map<String, String> environment(DesiredInstance instance, String blocksUrl, int healthPort) {
        Map<String, String> environment = new HashMap<>();
        environment.put("BLOCK_ID", instance.blockId());
        environment.put("INSTANCE_ID", instance.instanceId());
        environment.put("BLOCKS_DB_URI", blocksUrl);
        environment.put("POLICY_DB_URL", blocksUrl);
        environment.put("METRICS_REDIS_HOST", redis.substring(0, redis.indexOf(':')));
        environment.put("BLOCK_EVENTS_REDIS_URL", "redis://" + redis);
        environment.put("MGMT_PORT", Integer.toString(healthPort));
        environment.put("METRICS_PORT", Integer.toString(freePort()));
        environment.put("NODE_ID", "local");
        environment.put("CLUSTER_ID", "local");
        // Of our own, for programs that can be told: AIOSv1 has host names and ports in its code.
        environment.put("BLOCKPLANE_REDIS", redis);
        return environment;
    }

    /** A port that was free a moment ago: who starts with it finds out. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no port is free", e);
        }
    }
}

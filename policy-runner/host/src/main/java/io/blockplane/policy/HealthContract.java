package io.blockplane.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import java.util.Map;

/**
 * What an AIOSv1 health policy ({@code stabilityChecker}) is given. Pure. Its answer is recorded
 * and means nothing: what it does, it does by calling others.
 */
public final class HealthContract {

    private HealthContract() {}

    /**
     * The {@code input_data} of an evaluation.
     *
     * @param healthy by instance id: what the last probe found
     * @param instances by instance id: the instance as a pod ({@code metadata}, {@code status} with
     *     {@code pod_ip}, {@code container_statuses})
     */
    public static Json input(
            Json blockData,
            Json clusterData,
            Map<String, Boolean> healthy,
            Map<String, Json> instances) {
        ObjectNode input = EventJson.MAPPER.createObjectNode();
        input.set("block_data", blockData.node());
        input.set("cluster_data", clusterData.node());
        ObjectNode health = input.putObject("health_check_data");
        healthy.forEach(health::put);
        ObjectNode pods = input.putObject("instances");
        instances.forEach((id, pod) -> pods.set(id, pod.node()));
        return Json.of(input);
    }

    /**
     * An instance in the shape of a Kubernetes pod, for {@link #input}.
     *
     * @param address host, or host and port; empty when it has none
     * @param phase {@code Pending}, {@code Running}, {@code Failed} or {@code Unknown}
     */
    public static Json pod(String blockId, String instanceId, String address, String phase) {
        ObjectNode pod = EventJson.MAPPER.createObjectNode();
        pod.put("api_version", "v1");
        pod.put("kind", "Pod");
        ObjectNode metadata = pod.putObject("metadata");
        metadata.put("name", blockId + "-" + instanceId);
        metadata.putObject("labels").put("blockID", blockId).put("instanceID", instanceId);
        ObjectNode status = pod.putObject("status");
        status.put("phase", phase);
        if (address.isEmpty()) {
            status.putNull("pod_ip");
        } else {
            status.put("pod_ip", address);
        }
        status.putArray("container_statuses");
        return Json.of(pod);
    }
}

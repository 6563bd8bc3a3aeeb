package io.blockplane.control.driver;

import io.blockplane.control.core.BlockState;
import io.blockplane.control.core.Instance;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An instance that a block has, as a driver needs to know it.
 *
 * @param initSettings the block's
 * @param address where the log says that it serves; null when it never said so of this generation
 */
public record DesiredInstance(
        String blockId,
        String instanceId,
        int generation,
        Instance.Phase phase,
        String componentUri,
        Json initSettings,
        @Nullable InstanceAddress address) {

    /** All of a block. */
    public static List<DesiredInstance> of(BlockState.Present block) {
        return block.instances().stream()
                .map(i ->
                        new DesiredInstance(
                                block.blockId(),
                                i.instanceId(),
                                i.generation(),
                                i.phase(),
                                block.spec().componentUri(),
                                block.spec().initSettings(),
                                i.address()))
                .toList();
    }
}

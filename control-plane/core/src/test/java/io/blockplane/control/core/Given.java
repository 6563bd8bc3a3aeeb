package io.blockplane.control.core;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command;
import io.blockplane.events.Command.Observation;
import io.blockplane.events.Command.ReportInstance;
import io.blockplane.events.Command.ScaleBlock;
import io.blockplane.events.Envelope;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Operation;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Commands and events that the tests begin with. */
final class Given {

    static final String BLOCK = "blk";
    static final InstanceAddress ADDRESS =
            new InstanceAddress("grpc", "127.0.0.1:4711", "http://127.0.0.1:4712/health");

    private Given() {}

    static BlockSpec spec(int min, int max) {
        return new BlockSpec(
                BLOCK,
                "builtin:embedding",
                min,
                max,
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                new TreeMap<>());
    }

    /** A block with these as its policies, by name and uri. */
    static BlockSpec specWith(Map<String, String> policies) {
        TreeMap<String, PolicyBinding> bindings = new TreeMap<>();
        policies.forEach((name, uri) -> bindings.put(name, binding(uri)));
        BlockSpec bare = spec(0, 3);
        return new BlockSpec(
                bare.blockId(),
                bare.componentUri(),
                bare.minInstances(),
                bare.maxInstances(),
                bare.blockInitData(),
                bare.initSettings(),
                bare.parameters(),
                bindings);
    }

    static PolicyBinding binding(String uri) {
        return new PolicyBinding(uri, Json.EMPTY_OBJECT, Json.EMPTY_OBJECT);
    }

    /** The id of the n-th instance of the block. */
    static String instance(int ordinal) {
        return InstanceIds.of(BLOCK, ordinal);
    }

    static Envelope<Command> command(String id, Command command) {
        return new Envelope<>(id, "/test", 1_000, "corr", null, command);
    }

    static Envelope<BlockEvent> event(BlockEvent event) {
        return new Envelope<>("evt", "/test", 1_000, null, "cmd-" + event.version(), event);
    }

    static ScaleBlock up(int count) {
        return new ScaleBlock(BLOCK, Operation.UPSCALE, count, List.of(), "more load");
    }

    static ScaleBlock down(String... ids) {
        return new ScaleBlock(BLOCK, Operation.DOWNSCALE, 0, List.of(ids), "less load");
    }

    static ReportInstance ready(int ordinal, int generation) {
        return report(ordinal, generation, Observation.READY, ADDRESS);
    }

    static ReportInstance drained(int ordinal, int generation) {
        return report(ordinal, generation, Observation.DRAINED, null);
    }

    static ReportInstance exited(int ordinal, int generation) {
        return new ReportInstance(
                BLOCK, instance(ordinal), generation, Observation.EXITED, null, 137, "killed");
    }

    static ReportInstance report(
            int ordinal,
            int generation,
            Observation observation,
            @org.jspecify.annotations.Nullable InstanceAddress address) {
        return new ReportInstance(
                BLOCK, instance(ordinal), generation, observation, address, null, null);
    }

    /** Decides and replays commands one after the other; ids are given by place. */
    static BlockState after(Command... commands) {
        BlockState state = BlockState.absent();
        int number = 0;
        for (Command command : commands) {
            state = run(state, command("given-" + number++, command));
        }
        return state;
    }

    static BlockState run(BlockState state, Envelope<? extends Command> command) {
        BlockState next = state;
        for (Envelope<BlockEvent> fact :
                Facts.of(state, command, BlockDecider.decide(state, command), "/test")) {
            next = BlockReplay.replay(next, fact);
        }
        return next;
    }
}

package io.blockplane.control.core;

import io.blockplane.control.core.Decision.Accepted;
import io.blockplane.control.core.Decision.Rejected;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.Clamp;
import io.blockplane.events.Command.ScaleBlock;
import io.blockplane.events.PolicyDecided.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Scale commands. What is asked is cut to what the block allows; the event says what was asked,
 * what came of it and each cut with its reason, also when nothing is left of it.
 */
final class ScaleDecider {

    /** Ids that an explanation names one by one; of more, the number. */
    private static final int IDS_NAMED = 10;

    private ScaleDecider() {}

    static Decision<Reply> decide(BlockState.Present block, ScaleBlock scale) {
        return switch (scale.operation()) {
            case UPSCALE -> up(block, scale);
            case DOWNSCALE -> down(block, scale);
            case NONE ->
                    new Rejected<>(
                            new Rejection.Invalid(
                                    "operation",
                                    scale.operation().name(),
                                    Operation.UPSCALE + " or " + Operation.DOWNSCALE));
        };
    }

    private static Decision<Reply> up(BlockState.Present block, ScaleBlock scale) {
        if (scale.count() < 1) {
            return new Rejected<>(
                    new Rejection.Invalid("count", Integer.toString(scale.count()), "at least 1"));
        }
        int before = block.wanted();
        int max = block.spec().maxInstances();
        int granted = Math.min(scale.count(), max - before);
        if (granted > InstanceIds.COUNT - block.lastOrdinal()) {
            return new Rejected<>(new Rejection.InstanceIdsExhausted(block.blockId()));
        }
        List<Clamp> clamps = new ArrayList<>();
        if (granted < scale.count()) {
            clamps.add(
                    new Clamp(
                            "maxInstances",
                            scale.count(),
                            granted,
                            "maxInstances is %d and the block is to have %d already"
                                    .formatted(max, before)));
        }
        List<String> added = new ArrayList<>();
        List<BlockEvent> followUps = new ArrayList<>();
        for (int i = 1; i <= granted; i++) {
            int ordinal = block.lastOrdinal() + i;
            String instanceId = InstanceIds.of(block.blockId(), ordinal);
            added.add(instanceId);
            followUps.add(
                    new BlockEvent.InstanceRequested(
                            block.blockId(), block.version() + 1 + i, instanceId, ordinal));
        }
        return applied(block, scale, scale.count(), added, List.of(), clamps, followUps);
    }

    private static Decision<Reply> down(BlockState.Present block, ScaleBlock scale) {
        List<String> asked = scale.instanceIds().stream().distinct().toList();
        if (asked.isEmpty()) {
            return new Rejected<>(
                    new Rejection.Invalid("instanceIds", "[]", "at least one instance id"));
        }
        List<Clamp> clamps = new ArrayList<>();
        List<String> candidates = asked.stream().filter(id -> canGo(block, id)).toList();
        if (candidates.size() < asked.size()) {
            clamps.add(
                    new Clamp(
                            "unknownInstance",
                            asked.size(),
                            candidates.size(),
                            whyNot(block, asked)));
        }
        int before = block.wanted();
        int min = block.spec().minInstances();
        int granted = Math.min(candidates.size(), before - min);
        if (granted < candidates.size()) {
            clamps.add(
                    new Clamp(
                            "minInstances",
                            candidates.size(),
                            granted,
                            "minInstances is %d and the block is to have %d"
                                    .formatted(min, before)));
        }
        List<String> removed = candidates.subList(0, granted);
        List<BlockEvent> followUps = new ArrayList<>();
        for (int i = 1; i <= granted; i++) {
            followUps.add(
                    new BlockEvent.InstanceDraining(
                            block.blockId(), block.version() + 1 + i, removed.get(i - 1)));
        }
        return applied(block, scale, asked.size(), List.of(), removed, clamps, followUps);
    }

    private static Decision<Reply> applied(
            BlockState.Present block,
            ScaleBlock scale,
            int requested,
            List<String> added,
            List<String> removed,
            List<Clamp> clamps,
            List<BlockEvent> followUps) {
        int before = block.wanted();
        int after = before + added.size() - removed.size();
        List<BlockEvent> events = new ArrayList<>();
        events.add(
                new BlockEvent.ScaleApplied(
                        block.blockId(),
                        block.version() + 1,
                        scale.operation(),
                        requested,
                        before,
                        after,
                        added,
                        removed,
                        clamps,
                        scale.reason()));
        events.addAll(followUps);
        return new Accepted<>(events, new Reply.Scaled(before, after, clamps));
    }

    private static boolean canGo(BlockState.Present block, String instanceId) {
        return block.instance(instanceId).map(Instance::wanted).orElse(false);
    }

    private static String whyNot(BlockState.Present block, List<String> asked) {
        List<String> refused = asked.stream().filter(id -> !canGo(block, id)).toList();
        List<String> reasons = new ArrayList<>();
        for (String id : refused.subList(0, Math.min(IDS_NAMED, refused.size()))) {
            Optional<Instance> instance = block.instance(id);
            reasons.add(id + (instance.isPresent() ? " is going already" : ": no such instance"));
        }
        if (refused.size() > IDS_NAMED) {
            reasons.add((refused.size() - IDS_NAMED) + " more");
        }
        return String.join(", ", reasons);
    }
}

package io.blockplane.replay;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.WindowClosed;
import io.blockplane.policy.DecisionChange;
import io.blockplane.replay.DiffReport.Group;
import io.blockplane.replay.DiffReport.Means;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Puts differences together that have the same cause: the same change for the same reason. */
final class DiffGroups {

    private static final Pattern NUMBER = Pattern.compile("\\d+(?:[.,]\\d+)*(?:[eE][-+]?\\d+)?");

    private final Map<Key, Sum> sums = new LinkedHashMap<>();

    private record Key(
            String recorded, String candidate, String recordedReason, String candidateReason) {}

    private static final class Sum {
        private long count;
        private long measured;
        private String firstId = "";
        private String lastId = "";
        private String example = "";
        private double tokens;
        private double latency;
        private double queued;
    }

    void add(PolicyDecided recorded, PolicyDecided candidate, @Nullable WindowClosed window) {
        Key key =
                new Key(
                        DecisionChange.effect(recorded),
                        DecisionChange.effect(candidate),
                        withoutNumbers(DecisionChange.reason(recorded)),
                        withoutNumbers(DecisionChange.reason(candidate)));
        Sum sum = sums.computeIfAbsent(key, _ -> new Sum());
        if (sum.count++ == 0) {
            sum.firstId = recorded.id();
            sum.example =
                    DecisionChange.text(
                            Instant.ofEpochMilli(recorded.logicalTimeMs()).toString(),
                            recorded,
                            candidate);
        }
        sum.lastId = recorded.id();
        if (window != null) {
            sum.measured++;
            sum.tokens += window.block().inputTokensPerMinute().average1m();
            sum.latency += window.block().latencyP99().average1m();
            sum.queued += window.block().queueLength().average1m();
        }
    }

    /** Most frequent first. */
    List<Group> all() {
        return sums.entrySet().stream()
                .map(e -> group(e.getKey(), e.getValue()))
                .sorted(Comparator.comparingLong(Group::count).reversed())
                .toList();
    }

    private static Group group(Key key, Sum sum) {
        double n = Math.max(1, sum.measured);
        return new Group(
                key.recorded,
                key.candidate,
                key.recordedReason,
                key.candidateReason,
                sum.count,
                sum.firstId,
                sum.lastId,
                sum.example,
                new Means(sum.tokens / n, sum.latency / n, sum.queued / n));
    }

    static String withoutNumbers(String reason) {
        return NUMBER.matcher(reason).replaceAll("#");
    }
}

package io.blockplane.replay.report;

import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Role;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One fixed look a policy, the same in every chart and table of a page. The hues stay apart for
 * colour-blind people, and the line's pattern tells the role without any colour.
 */
final class Palette {

    /**
     * How a policy looks.
     *
     * @param index of the style sheet's class
     * @param light on white paper, at least 3:1
     * @param dark on the dark page
     * @param dash lengths of dashes and gaps; empty for a solid line
     */
    record Look(int index, String light, String dark, List<Integer> dash) {
        String className() {
            return "look" + index;
        }
    }

    private record Hue(String light, String dark) {}

    private static final Hue INK = new Hue("#1b1b1b", "#f2f2f2");
    private static final List<Hue> CANDIDATES =
            List.of(
                    new Hue("#0067b1", "#62b0f5"),
                    new Hue("#c8440b", "#ff8a57"),
                    new Hue("#a23b86", "#e58fd0"),
                    new Hue("#5b53c6", "#a9a3ff"));
    private static final List<Hue> BASELINES =
            List.of(
                    new Hue("#7a7a7a", "#a0a0a0"),
                    new Hue("#9c6f00", "#dcb13c"),
                    new Hue("#00795c", "#3fc79e"),
                    new Hue("#b0557b", "#dd94b4"),
                    new Hue("#3f7f93", "#85c5d9"));
    private static final Hue ORACLE = new Hue("#2f8fc4", "#9bdcff");

    private static final List<Integer> SOLID = List.of();
    private static final List<Integer> DASHED = List.of(6, 3);
    private static final List<Integer> DOTTED = List.of(2, 3);

    private final Map<String, Look> looks = new LinkedHashMap<>();
    private int candidates;
    private int baselines;

    /** The look of a run's policy, which is by its name: two results may have it. */
    Look of(PolicyRun run) {
        return looks.computeIfAbsent(run.name(), _ -> next(run.role()));
    }

    List<Look> all() {
        return List.copyOf(looks.values());
    }

    private Look next(Role role) {
        return switch (role) {
            case INCUMBENT -> look(INK, SOLID);
            case CANDIDATE -> {
                Hue hue = CANDIDATES.get(candidates % CANDIDATES.size());
                // A sweep has more candidates than there are hues to be told apart.
                boolean again = candidates++ >= CANDIDATES.size();
                yield look(hue, again ? List.of(12, 3) : SOLID);
            }
            case BASELINE -> look(BASELINES.get(baselines++ % BASELINES.size()), DASHED);
            case ORACLE -> look(ORACLE, DOTTED);
        };
    }

    private Look look(Hue hue, List<Integer> dash) {
        return new Look(looks.size(), hue.light(), hue.dark(), dash);
    }
}

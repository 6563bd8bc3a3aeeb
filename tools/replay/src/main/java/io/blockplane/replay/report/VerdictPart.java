package io.blockplane.replay.report;

import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.Calibration;
import io.blockplane.simulator.result.BacktestResult.Estimate;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Role;
import io.blockplane.simulator.result.BacktestResult.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What was found, in one sentence, three numbers, the reasons, and how far to believe it. */
final class VerdictPart {

    private static final int CANDIDATES_MAX = 3;

    private final Html html;
    private final BacktestResult result;
    private final int level;

    VerdictPart(Html html, BacktestResult result, int level) {
        this.html = html;
        this.result = result;
        this.level = level;
    }

    static String label(Verdict.Kind kind) {
        return switch (kind) {
            case BETTER -> "Better: switch";
            case WORSE -> "Worse: keep what is in use";
            case REFUSED -> "No verdict: too close to tell";
            case NONE -> "No candidate";
        };
    }

    static String kindName(Verdict.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    void write() {
        Verdict verdict = result.verdict();
        html.open("header", "class", "verdict kind-" + kindName(verdict.kind())).line();
        html.open("p", "class", "kicker");
        html.element("span", label(verdict.kind()), "class", "kind");
        html.text(" ").element("span", setting(), "class", "muted").close().line();
        Section.heading(html, level, verdict.sentence(), "class", "sentence");
        judged().ifPresentOrElse(this::figures, this::candidates);
        html.open("div", "class", "why").line();
        reasons(verdict);
        belief();
        html.close().close().line();
    }

    private String setting() {
        return "Backtest of %s · %s requests in %s · on time means answered within %s s"
                .formatted(
                        result.source().name(),
                        Numbers.count(result.workload().requests()),
                        Numbers.duration(result.workload().durationMs()),
                        Numbers.plain(result.slo().totalTimeMs() / 1_000.0));
    }

    /** The run that the verdict is about: the best, or the only candidate. */
    private Optional<PolicyRun> judged() {
        @Nullable String best = result.verdict().best();
        if (best != null) {
            return result.runs().stream().filter(run -> run.name().equals(best)).findFirst();
        }
        List<PolicyRun> candidates =
                result.runs().stream().filter(run -> run.role() == Role.CANDIDATE).toList();
        return candidates.size() == 1 ? Optional.of(candidates.getFirst()) : Optional.empty();
    }

    private Optional<PolicyRun> incumbent() {
        return result.runs().stream().filter(run -> run.role() == Role.INCUMBENT).findFirst();
    }

    private void figures(PolicyRun run) {
        html.open("dl", "class", "figures").line();
        @Nullable Estimate cost = run.costDifference();
        Optional<PolicyRun> incumbent = incumbent();
        if (cost != null && incumbent.isPresent()) {
            double base = incumbent.get().instanceSeconds().mean();
            figure(
                    "Cost",
                    Numbers.signed(100 * cost.mean() / base, 1) + " %",
                    "%s instead of %s instance-hours"
                                    .formatted(
                                            Numbers.hours(run.instanceSeconds().mean()),
                                            Numbers.hours(base))
                            + inBrackets(
                                    Numbers.range(
                                            Numbers.signed(100 * cost.low() / base, 1),
                                            Numbers.signed(100 * cost.high() / base, 1)),
                                    " %"));
        }
        @Nullable Estimate slo = run.sloDifference();
        String goal = "goal " + Numbers.plain(100 * result.slo().target()) + " %";
        figure(
                "Requests on time",
                Numbers.percent(run.sloAttainment().mean()) + " %",
                slo == null
                        ? goal
                        : Numbers.signed(100 * slo.mean(), 2)
                                + " points"
                                + inBrackets(
                                        Numbers.range(
                                                Numbers.signed(100 * slo.low(), 2),
                                                Numbers.signed(100 * slo.high(), 2)),
                                        "")
                                + "; "
                                + goal);
        figure(
                "Of what could be saved",
                Numbers.fixed(100 * run.shareOfOracleSaving(), 0) + " %",
                "100 % is the oracle, which knows the load ahead; 0 % is a static peak");
        html.close().line();
    }

    /** Where the verdict is about several: each in a word. */
    private void candidates() {
        List<PolicyRun> candidates =
                result.runs().stream().filter(run -> run.role() == Role.CANDIDATE).toList();
        Optional<PolicyRun> incumbent = incumbent();
        if (incumbent.isEmpty() || candidates.isEmpty() || candidates.size() > CANDIDATES_MAX) {
            return;
        }
        html.open("dl", "class", "figures").line();
        for (PolicyRun run : candidates) {
            double costs = run.instanceSeconds().mean() / incumbent.get().instanceSeconds().mean();
            double points = run.sloAttainment().mean() - incumbent.get().sloAttainment().mean();
            figure(
                    run.name(),
                    Numbers.signed(100 * (costs - 1), 1) + " % cost",
                    "%s %% of requests on time, %s points; goal %s %%"
                            .formatted(
                                    Numbers.percent(run.sloAttainment().mean()),
                                    Numbers.signed(100 * points, 2),
                                    Numbers.plain(100 * result.slo().target())));
        }
        html.close().line();
    }

    private static String inBrackets(String range, String unit) {
        return range.isEmpty() ? "" : " (" + range + unit + ")";
    }

    private void figure(String name, String value, String note) {
        html.open("div").element("dt", name);
        html.element("dd", value, "class", "value").element("dd", note, "class", "note");
        html.close().line();
    }

    private void reasons(Verdict verdict) {
        html.open("section");
        Section.heading(html, level + 1, "Why");
        if (verdict.because().isEmpty()) {
            html.element("p", "No reasons were given.");
        } else {
            html.open("ul");
            verdict.because().forEach(reason -> html.element("li", reason));
            html.close();
        }
        html.close().line();
    }

    private void belief() {
        html.open("section");
        Section.heading(html, level + 1, "How far to believe it");
        html.open("ul");
        @Nullable Calibration calibration = result.calibration();
        if (calibration == null) {
            html.open("li")
                    .element("strong", "Not calibrated.")
                    .text(
                            " Nothing was recorded that the simulation could be compared with, so"
                                    + " how far its numbers are from a real run is not known.")
                    .close();
        } else {
            html.element(
                    "li",
                    "Simulated again, the recorded run comes out %s %% off in cost and %s points off"
                                    .formatted(
                                            Numbers.fixed(
                                                    Math.abs(calibration.costErrorPercent()), 1),
                                            Numbers.fixed(
                                                    Math.abs(calibration.sloErrorPoints()), 2))
                            + " in requests on time; %s %% over all measures."
                                    .formatted(Numbers.fixed(calibration.mapePercent(), 1)));
        }
        html.element("li", seeds());
        html.element("li", "It speaks of the load that was replayed, not of other days.");
        html.close().close().line();
    }

    private String seeds() {
        int seeds = result.seeds().size();
        return seeds < 2
                ? "One simulated run a policy: there are no intervals over seeds."
                : seeds
                        + " simulated runs a policy; ranges are 95 % intervals over them, and"
                        + " differences are between runs of the same seed.";
    }
}

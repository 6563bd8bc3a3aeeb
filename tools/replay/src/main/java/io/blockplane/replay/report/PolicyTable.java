package io.blockplane.replay.report;

import io.blockplane.replay.report.Tables.Column;
import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.Estimate;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Role;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All policies side by side. */
final class PolicyTable {

    private static final List<Column> COLUMNS =
            List.of(
                    Column.words("Policy"),
                    Column.number("Cost", "instance-hours"),
                    Column.number("Cost change", "%"),
                    Column.number("On time", "% of requests"),
                    Column.number("Time p50", "s"),
                    Column.number("p90", "s"),
                    Column.number("p99", "s"),
                    Column.number("Waiting p99", "s"),
                    Column.number("Refused", "requests"),
                    Column.number("Failed", "requests"),
                    Column.number("Scale actions", ""),
                    Column.number("Saved", "% of oracle's"));

    private final Html html;
    private final BacktestResult result;
    private final Palette palette;
    private final int level;
    private final String id;

    PolicyTable(Html html, BacktestResult result, Palette palette, int level, String id) {
        this.html = html;
        this.result = result;
        this.palette = palette;
        this.level = level;
        this.id = id;
    }

    static String role(Role role) {
        return switch (role) {
            case INCUMBENT -> "in use";
            case CANDIDATE -> "candidate";
            case BASELINE -> "baseline";
            case ORACLE -> "oracle: knows the load ahead";
        };
    }

    void write() {
        html.open("section", "id", id + "-policies", "class", "policies").line();
        Section.heading(html, level, "Policies");
        Tables.begin(
                html,
                "Every policy on the same requests: what it costs and how it serves",
                COLUMNS,
                "summary");
        double base =
                result.runs().stream()
                        .filter(run -> run.role() == Role.INCUMBENT)
                        .mapToDouble(run -> run.instanceSeconds().mean())
                        .findFirst()
                        .orElse(Double.NaN);
        result.runs().forEach(run -> row(run, base));
        Tables.end(html);
        html.element(
                "p",
                "Small numbers are 95 % intervals over the seeds. Cost change is against the policy"
                    + " in use; saved is the share of what the oracle saves beside a static peak."
                    + " Times are of answered requests, from arrival to answer, first seed; so are"
                    + " refused and failed requests, which both count as late.",
                "class",
                "muted");
        html.element(
                "button",
                "Download as CSV",
                "type",
                "button",
                "class",
                "csv",
                "data-csv",
                "policies");
        html.close().line();
    }

    private void row(PolicyRun run, double base) {
        boolean best = run.name().equals(result.verdict().best());
        html.open("tr", "class", best ? "best" : "other");
        html.open("th", "scope", "row");
        swatch(html, palette.of(run));
        html.element("span", run.name(), "class", "name").text(" ");
        html.element("span", role(run.role()) + (best ? ", best" : ""), "class", "range").close();
        Tables.number(
                html,
                Numbers.hours(run.instanceSeconds().mean()),
                Numbers.hoursRange(run.instanceSeconds()));
        against(run.costDifference(), base);
        Tables.number(
                html,
                Numbers.percent(run.sloAttainment().mean()),
                Numbers.percentRange(run.sloAttainment()));
        Tables.number(html, Numbers.seconds(run.totalMs().p50()));
        Tables.number(html, Numbers.seconds(run.totalMs().p90()));
        Tables.number(html, Numbers.seconds(run.totalMs().p99()));
        Tables.number(html, Numbers.seconds(run.queueMs().p99()));
        Tables.number(html, Numbers.count(run.refused()));
        Tables.number(html, Numbers.count(run.failed()));
        Tables.number(
                html,
                Numbers.three(run.scaleActions().mean()),
                Numbers.range(
                        Numbers.three(run.scaleActions().low()),
                        Numbers.three(run.scaleActions().high())));
        Tables.number(html, Numbers.fixed(100 * run.shareOfOracleSaving(), 0));
        html.close().line();
    }

    private void against(@Nullable Estimate difference, double base) {
        if (difference == null || Double.isNaN(base) || base <= 0) {
            Tables.number(html, "–");
            return;
        }
        Tables.number(
                html,
                Numbers.signed(100 * difference.mean() / base, 1),
                Numbers.range(
                        Numbers.signed(100 * difference.low() / base, 1),
                        Numbers.signed(100 * difference.high() / base, 1)));
    }

    /** The policy's line, as charts draw it. */
    static void swatch(Html html, Palette.Look look) {
        html.open(
                "svg",
                "class",
                "swatch " + look.className(),
                "width",
                "22",
                "height",
                "10",
                "aria-hidden",
                "true");
        html.open(
                "line",
                "x1",
                "0",
                "y1",
                "5",
                "x2",
                "22",
                "y2",
                "5",
                "stroke-dasharray",
                look.dash().isEmpty()
                        ? "none"
                        : String.join(" ", look.dash().stream().map(String::valueOf).toList()));
        html.close().close();
    }
}

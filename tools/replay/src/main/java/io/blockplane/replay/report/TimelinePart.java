package io.blockplane.replay.report;

import io.blockplane.replay.report.Tables.Column;
import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.DecisionMark;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Role;
import java.util.ArrayList;
import java.util.List;

/**
 * Load, instances, decisions, waiting and late requests of all policies on one time axis. Scripts
 * draw the charts into it; the tables below them stand there without.
 */
final class TimelinePart {

    /** Decisions that a policy's table shows; the CSV has all. */
    static final int DECISIONS_SHOWN_MAX = 200;

    private static final int CANDIDATES_AT_FIRST_MAX = 2;

    private final Html html;
    private final BacktestResult result;
    private final Palette palette;
    private final int level;
    private final String id;
    private final Buckets buckets;

    TimelinePart(Html html, BacktestResult result, Palette palette, int level, String id) {
        this.html = html;
        this.result = result;
        this.palette = palette;
        this.level = level;
        this.id = id;
        long length =
                result.runs().stream()
                        .mapToLong(run -> Buckets.length(run.timeline()))
                        .max()
                        .orElse(0);
        buckets = Buckets.of(Math.max(length, loadLength()));
    }

    void write() {
        html.open("section", "id", id + "-timeline", "class", "timeline").line();
        Section.heading(html, level, "Timeline");
        html.element(
                "p",
                "The charts need JavaScript. Every number in them is in the tables.",
                "class",
                "muted no-script");
        charts();
        data();
        decisions();
        html.close().line();
    }

    private void charts() {
        html.open("div", "class", "charts script").line();
        html.element(
                "p",
                "First seed. Point at a chart to read all of them at that moment; drag to zoom in,"
                        + " double-click to zoom out.",
                "class",
                "muted screen");
        legend();
        panel("load", "Load", "requests/s");
        panel("instances", "Instances", "serving");
        html.open("figure", "class", "panel lanes", "data-panel", "decisions");
        html.open("figcaption")
                .text("Decisions ")
                .element(
                        "span",
                        "▲ more, ▽ fewer instances wanted; choose one to see why",
                        "class",
                        "unit")
                .close();
        html.open("div", "class", "lane-box").close().close().line();
        html.open("div", "class", "explanation", "aria-live", "polite")
                .element(
                        "p",
                        "Choose a mark among the decisions to see why.",
                        "class",
                        "muted screen")
                .close()
                .line();
        panel("waiting", "Waiting", "requests");
        panel("misses", "Late, refused or failed", "requests");
        html.open("p", "class", "cursor-control screen");
        html.element("label", "Moment ", "for", id + "-cursor");
        html.open(
                "input",
                "type",
                "range",
                "id",
                id + "-cursor",
                "min",
                "0",
                "max",
                "1000",
                "value",
                "0",
                "class",
                "cursor");
        html.element("button", "Show all", "type", "button", "class", "zoom-out", "hidden", "");
        html.close().line();
        html.close().line();
    }

    /** Names, switches and the values at the cursor in one table. */
    private void legend() {
        html.open(
                "div",
                "class",
                "scroll",
                "role",
                "region",
                "tabindex",
                "0",
                "aria-label",
                "Policies shown, and their values");
        legendHead();
        int candidates = 0;
        for (int i = 0; i < result.runs().size(); i++) {
            PolicyRun run = result.runs().get(i);
            candidates += run.role() == Role.CANDIDATE ? 1 : 0;
            boolean best = run.name().equals(result.verdict().best());
            boolean shown =
                    best
                            || run.role() == Role.INCUMBENT
                            || (run.role() == Role.CANDIDATE
                                    && candidates <= CANDIDATES_AT_FIRST_MAX);
            legendRow(run, i, shown);
        }
        html.close().close().close().line();
    }

    private void legendHead() {
        html.open("table", "class", "legend");
        html.element("caption", "Policies shown", "class", "legend-caption");
        html.open("thead").open("tr").element("th", "Policy", "scope", "col");
        for (String column : List.of("Instances", "Waiting", "Late")) {
            html.element("th", column, "scope", "col", "class", "number");
        }
        html.close().close().open("tbody").line();
    }

    private void legendRow(PolicyRun run, int index, boolean shown) {
        html.open("tr", "data-policy", String.valueOf(index))
                .open("th", "scope", "row")
                .open("label");
        if (shown) {
            html.open("input", "type", "checkbox", "checked", "");
        } else {
            html.open("input", "type", "checkbox");
        }
        PolicyTable.swatch(html, palette.of(run));
        html.element("span", run.name(), "class", "name").close().close();
        for (String cell : List.of("instances", "waiting", "misses")) {
            html.open("td", "class", "number", "data-cell", cell).close();
        }
        html.close().line();
    }

    private void panel(String name, String title, String unit) {
        html.open("figure", "class", "panel", "data-panel", name);
        html.open("figcaption").text(title + " ").element("span", unit, "class", "unit").close();
        html.open(
                "div",
                "class",
                "plot",
                "role",
                "img",
                "aria-label",
                title + ", " + unit + "; its numbers are in the tables below");
        html.close().close().line();
    }

    private void data() {
        html.open("details");
        html.element("summary", "The timeline's numbers");
        String pieces = ", in pieces of " + Numbers.duration(buckets.lengthMs());
        table(
                "Instances serving, mean" + pieces,
                (run, piece) ->
                        Numbers.fixed(
                                buckets.mean(
                                        run.timeline().instances(), run.timeline().stepMs(), piece),
                                1));
        table(
                "Requests waiting, most" + pieces,
                (run, piece) ->
                        whole(
                                buckets.max(
                                        run.timeline().waiting(), run.timeline().stepMs(), piece)));
        table(
                "Requests late, refused or failed" + pieces,
                (run, piece) ->
                        whole(
                                buckets.sum(
                                        run.timeline().sloMisses(),
                                        run.timeline().stepMs(),
                                        piece)));
        html.element(
                "button",
                "Download every step as CSV",
                "type",
                "button",
                "class",
                "csv",
                "data-csv",
                "timeline");
        html.close().line();
    }

    /** A cell of one run and one piece of time. */
    private interface Cell {
        String text(PolicyRun run, int piece);
    }

    private void table(String caption, Cell cell) {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("Time", "h:mm:ss", true));
        columns.add(Column.number("Load", "requests/s"));
        result.runs().forEach(run -> columns.add(Column.number(run.name(), "")));
        List<List<String>> rows = new ArrayList<>();
        for (int piece = 0; piece < buckets.count(); piece++) {
            List<String> row = new ArrayList<>();
            row.add(Numbers.elapsed(piece * buckets.lengthMs()));
            double perStep =
                    buckets.mean(
                            result.workload().requestsPerStep(), result.workload().stepMs(), piece);
            row.add(Numbers.fixed(1_000 * perStep / result.workload().stepMs(), 2));
            for (PolicyRun run : result.runs()) {
                row.add(cell.text(run, piece));
            }
            rows.add(row.stream().map(text -> text.equals("NaN") ? "–" : text).toList());
        }
        Tables.plain(html, caption, columns, rows);
    }

    private void decisions() {
        html.open("details", "class", "decisions");
        html.element("summary", "Every decision and its reason");
        for (PolicyRun run : result.runs()) {
            if (!run.decisions().isEmpty()) {
                decisions(run);
            }
        }
        html.element(
                "p",
                "On paper at most the first 20 decisions of each policy.",
                "class",
                "muted print");
        html.element(
                "button",
                "Download all decisions as CSV",
                "type",
                "button",
                "class",
                "csv",
                "data-csv",
                "decisions");
        html.close().line();
    }

    private void decisions(PolicyRun run) {
        List<List<String>> rows = new ArrayList<>();
        for (DecisionMark mark : run.decisions()) {
            if (rows.size() == DECISIONS_SHOWN_MAX) {
                break;
            }
            rows.add(
                    List.of(
                            Numbers.elapsed(mark.atMs()),
                            mark.before() + " → " + mark.after(),
                            mark.reason(),
                            mark.inputs()));
        }
        Tables.plain(
                html,
                "Decisions of " + run.name(),
                List.of(
                        new Column("Time", "h:mm:ss", true),
                        Column.number("Instances", ""),
                        Column.words("Reason"),
                        Column.words("Decided on")),
                rows);
        int more = run.decisions().size() - rows.size();
        if (more > 0) {
            html.element(
                    "p", more + " more decisions of this policy are in the CSV.", "class", "muted");
        }
    }

    private long loadLength() {
        return result.workload().stepMs() * result.workload().requestsPerStep().size();
    }

    private static String whole(double value) {
        return Double.isNaN(value) ? "NaN" : Numbers.count(Math.round(value));
    }
}

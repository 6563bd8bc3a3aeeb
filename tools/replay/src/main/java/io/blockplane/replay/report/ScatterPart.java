package io.blockplane.replay.report;

import io.blockplane.simulator.result.BacktestResult;

/** Cost against service, a point a policy; its numbers are in the table of policies. */
final class ScatterPart {

    private final Html html;
    private final BacktestResult result;
    private final int level;
    private final String id;

    ScatterPart(Html html, BacktestResult result, int level, String id) {
        this.html = html;
        this.result = result;
        this.level = level;
        this.id = id;
    }

    void write() {
        html.open("section", "id", id + "-scatter", "class", "scatter").line();
        Section.heading(html, level, "Cost against service");
        html.open("figure", "class", "panel script", "data-panel", "scatter");
        html.open("figcaption");
        html.text("Left is cheaper, up is more requests on time. ");
        html.element(
                "span",
                "● in use, ◆ candidate, □ baseline, △ oracle. Bars are 95 % intervals; the axis of"
                        + " requests on time is spaced by nines; the dashed line is the goal, "
                        + Numbers.plain(100 * result.slo().target())
                        + " %.",
                "class",
                "unit");
        html.close();
        html.open(
                "div",
                "class",
                "plot",
                "role",
                "img",
                "aria-label",
                "Scatter of instance-hours and share of requests on time, one point for each"
                        + " policy; the same numbers are in the table of policies");
        html.close().close();
        html.open("p", "class", "muted").text("The numbers are in the ");
        html.element("a", "table of policies", "href", "#" + id + "-policies").text(".").close();
        html.close().line();
    }
}

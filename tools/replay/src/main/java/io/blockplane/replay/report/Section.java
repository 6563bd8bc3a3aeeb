package io.blockplane.replay.report;

import io.blockplane.simulator.result.BacktestResult;

/** One result, from its verdict to where it is from. */
final class Section {

    private final Html html;
    private final Report.Input input;
    private final int index;
    private final boolean oneOfSeveral;
    private final Palette palette;

    Section(Html html, Report.Input input, int index, boolean oneOfSeveral, Palette palette) {
        this.html = html;
        this.input = input;
        this.index = index;
        this.oneOfSeveral = oneOfSeveral;
        this.palette = palette;
    }

    void write() {
        BacktestResult result = input.result();
        // The first heading is the verdict itself; below a list of results it is one level lower.
        int level = oneOfSeveral ? 2 : 1;
        String id = "result-" + index;
        html.open("article", "id", id, "data-result", String.valueOf(index)).line();
        new VerdictPart(html, result, level).write();
        new PolicyTable(html, result, palette, level + 1, id).write();
        new TimelinePart(html, result, palette, level + 1, id).write();
        new ScatterPart(html, result, level + 1, id).write();
        new TrustPart(html, result, level + 1, id).write();
        new SourcePart(html, input, level + 1, id).write();
        html.close().line();
    }

    /** A heading of that level. */
    static void heading(Html html, int level, String text, String... attributes) {
        html.element("h" + level, text, attributes).line();
    }
}

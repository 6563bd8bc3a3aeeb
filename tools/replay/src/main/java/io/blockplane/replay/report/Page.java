package io.blockplane.replay.report;

import io.blockplane.simulator.result.BacktestResult.Verdict;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/** The whole page around its sections. */
final class Page {

    private static final String FOLDER = "/io/blockplane/replay/report/";

    private final List<Report.Input> inputs;
    private final Palette palette = new Palette();
    private final ChartLibrary library = ChartLibrary.load();
    private final Html html = new Html();

    Page(List<Report.Input> inputs) {
        this.inputs = List.copyOf(inputs);
        inputs.forEach(input -> input.result().runs().forEach(palette::of));
    }

    String text() {
        String script =
                ChartLibrary.resource(FOLDER + "page.js")
                        + ChartLibrary.resource(FOLDER + "timeline.js")
                        + ChartLibrary.resource(FOLDER + "decisions.js")
                        + ChartLibrary.resource(FOLDER + "scatter.js")
                        + ChartLibrary.resource(FOLDER + "files.js")
                        + ChartLibrary.resource(FOLDER + "start.js");
        html.raw("<!doctype html>\n").open("html", "lang", "en");
        head(script);
        html.open("body");
        html.open("main");
        if (inputs.size() > 1) {
            contents();
        }
        for (int i = 0; i < inputs.size(); i++) {
            new Section(html, inputs.get(i), i, inputs.size() > 1, palette).write();
        }
        html.close();
        footer();
        html.open("script", "type", "application/json", "id", "report-data")
                .raw(PageData.json(inputs, palette))
                .close()
                .line();
        html.open("script").raw(library.script()).close().line();
        html.open("script").raw(script).close();
        html.close().close();
        return html.text() + "\n";
    }

    private void head(String script) {
        String style =
                library.style() + ChartLibrary.resource(FOLDER + "page.css") + lookStyle(palette);
        html.line().open("head").open("meta", "charset", "utf-8").line();
        // Should escaping ever fail: no script runs but these two, and nothing is fetched or sent.
        html.open(
                        "meta",
                        "http-equiv",
                        "Content-Security-Policy",
                        "content",
                        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src "
                                + hash(library.script())
                                + " "
                                + hash(script)
                                + "; base-uri 'none'; form-action 'none'")
                .line();
        html.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.open("meta", "name", "color-scheme", "content", "light dark");
        html.open("link", "rel", "icon", "href", "data:,").line();
        html.element("title", title()).line();
        html.raw("<!-- uPlot " + library.version() + ", embedded below:\n")
                .raw(library.licence().strip())
                .raw("\n-->\n");
        html.open("style").raw(style).close().line();
        html.close().line();
    }

    private String title() {
        if (inputs.size() > 1) {
            return inputs.size() + " backtests · Blockplane";
        }
        Report.Input only = inputs.getFirst();
        return VerdictPart.label(only.result().verdict().kind())
                + " · backtest of "
                + only.result().source().name();
    }

    /** Of several results: each verdict in a line. */
    private void contents() {
        html.open("header", "class", "contents");
        html.element("h1", inputs.size() + " backtests").open("ol");
        for (int i = 0; i < inputs.size(); i++) {
            Report.Input input = inputs.get(i);
            Verdict verdict = input.result().verdict();
            html.open("li", "class", "kind-" + VerdictPart.kindName(verdict.kind()));
            html.element("span", VerdictPart.label(verdict.kind()), "class", "kind").text(" ");
            html.element("a", verdict.sentence(), "href", "#result-" + i).text(" ");
            html.element("span", input.fileName(), "class", "muted");
            html.close();
        }
        html.close().close().line();
    }

    private void footer() {
        html.open("footer")
                .element(
                        "p",
                        "Made by blockplane replay report. This page is one file: it asks the"
                                + " network for nothing. Charts by uPlot "
                                + library.version()
                                + " (MIT licence, in the source of this page).")
                .close()
                .line();
    }

    private static String lookStyle(Palette palette) {
        StringBuilder light = new StringBuilder();
        StringBuilder dark = new StringBuilder();
        for (Palette.Look look : palette.all()) {
            rule(light, look, look.light());
            rule(dark, look, look.dark());
        }
        return light + "@media screen and (prefers-color-scheme:dark){" + dark + "}";
    }

    private static void rule(StringBuilder out, Palette.Look look, String color) {
        out.append('.').append(look.className()).append("{--look:").append(color).append("}\n");
    }

    private static String hash(String script) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(script.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}

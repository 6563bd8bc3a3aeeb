package io.blockplane.replay.report;

import java.util.List;

/** Tables that scroll sideways within themselves, by keyboard too, instead of the whole page. */
final class Tables {

    /** A column's heading, its unit, and whether numbers stand in it. */
    record Column(String name, String unit, boolean numbers) {
        static Column number(String name, String unit) {
            return new Column(name, unit, true);
        }

        static Column words(String name) {
            return new Column(name, "", false);
        }
    }

    private Tables() {}

    /** Opens region and table, with caption and head; {@link #end} closes them. */
    static void begin(Html html, String caption, List<Column> columns, String className) {
        html.open(
                "div", "class", "scroll", "role", "region", "tabindex", "0", "aria-label", caption);
        html.open("table", "class", className).open("caption").element("span", caption).close();
        html.open("thead").open("tr");
        for (Column column : columns) {
            html.open("th", "scope", "col", "class", column.numbers() ? "number" : "words");
            html.text(column.name());
            if (!column.unit().isEmpty()) {
                html.text(" ").element("span", column.unit(), "class", "unit");
            }
            html.close();
        }
        html.close().close().line().open("tbody").line();
    }

    static void end(Html html) {
        html.close().close().close().line();
    }

    static void number(Html html, String text) {
        html.element("td", text, "class", "number");
    }

    /** A number, and its interval below in small. */
    static void number(Html html, String text, String below) {
        html.open("td", "class", "number").text(text);
        if (!below.isEmpty()) {
            html.text(" ").element("span", below, "class", "range");
        }
        html.close();
    }

    static void words(Html html, String text) {
        html.element("td", text, "class", "words");
    }

    static void rowHead(Html html, String text) {
        html.element("th", text, "scope", "row");
    }

    /** A whole plain table. */
    static void plain(Html html, String caption, List<Column> columns, List<List<String>> rows) {
        begin(html, caption, columns, "data");
        for (List<String> row : rows) {
            html.open("tr");
            rowHead(html, row.getFirst());
            for (int c = 1; c < row.size(); c++) {
                if (columns.get(c).numbers()) {
                    number(html, row.get(c));
                } else {
                    words(html, row.get(c));
                }
            }
            html.close().line();
        }
        end(html);
    }
}

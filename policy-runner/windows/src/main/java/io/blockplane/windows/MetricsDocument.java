package io.blockplane.windows;

import io.blockplane.events.WindowClosed;
import io.blockplane.events.WindowClosed.InstanceWindow;
import io.blockplane.events.WindowStats;
import io.blockplane.events.WindowStats.Rolling;
import io.blockplane.events.document.Column;
import io.blockplane.events.document.Document;
import io.blockplane.events.document.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What {@code get_metrics()} returns to a policy: one document an instance, by id, and one of the
 * block as a whole under the name that AIOSv1 policies know it by. Runner and replay both build it
 * here, from the window record that the decision names: a table with a row for each document.
 */
public final class MetricsDocument {

    /** The {@code instanceId} of the document with the block's own measures. */
    public static final String BLOCK_AS_INSTANCE = "executor";

    /** A measure, under the name that its record has it by. */
    private record NamedMeasure(String name, Function<WindowStats, Rolling> value) {}

    /** In the order of {@link WindowStats}. */
    private static final List<NamedMeasure> MEASURES =
            List.of(
                    new NamedMeasure("tasks_processed", WindowStats::tasksProcessed),
                    new NamedMeasure("fps", WindowStats::fps),
                    new NamedMeasure("errors", WindowStats::errors),
                    new NamedMeasure("latency", WindowStats::latency),
                    new NamedMeasure("latency_p50", WindowStats::latencyP50),
                    new NamedMeasure("latency_p95", WindowStats::latencyP95),
                    new NamedMeasure("latency_p99", WindowStats::latencyP99),
                    new NamedMeasure("queue_time", WindowStats::queueTime),
                    new NamedMeasure(
                            "llm_inference_duration_rolling", WindowStats::inferenceDuration),
                    new NamedMeasure(
                            "llm_input_tokens_per_minute_rolling",
                            WindowStats::inputTokensPerMinute),
                    new NamedMeasure(
                            "llm_output_tokens_per_minute_rolling",
                            WindowStats::outputTokensPerMinute),
                    new NamedMeasure("queue_length", WindowStats::queueLength));

    private static final int LENGTHS = 4;

    private static final Shape ROW = row();

    private static final Shape WHOLE =
            new Shape(
                    List.of(
                            "{\"block_metrics\":",
                            ",\"cluster_metrics\":{\"cluster_metrics\":{},\"node_metrics\":[]}}"));

    /** Of a block that has no window yet. */
    public static final Document NO_WINDOW =
            new Document.Filled(WHOLE, List.of(new Document.Listing(List.of())));

    private MetricsDocument() {}

    /** The document of a window; in one piece when instances say something of themselves. */
    public static Document of(WindowClosed window) {
        Document measured = measured(window);
        return window.instances().stream().allMatch(i -> i.reported() == null)
                ? measured
                : Document.of(ReportedMeasures.in(measured.json(), window.instances()));
    }

    private static Document measured(WindowClosed window) {
        List<String> ids =
                Stream.concat(
                                window.instances().stream().map(InstanceWindow::instanceId),
                                Stream.of(BLOCK_AS_INSTANCE))
                        .toList();
        List<WindowStats> stats =
                Stream.concat(
                                window.instances().stream().map(InstanceWindow::stats),
                                Stream.of(window.block()))
                        .toList();
        List<Column> columns = new ArrayList<>();
        columns.add(Column.of(Collections.nCopies(ids.size(), window.blockId())));
        columns.add(Column.of(ids));
        columns.add(Column.of(Collections.nCopies(ids.size(), window.asOfMs() / 1e3)));
        for (NamedMeasure measure : MEASURES) {
            addColumns(stats, measure.value, columns);
        }
        return new Document.Filled(WHOLE, List.of(new Document.Table(ROW, columns)));
    }

    private static void addColumns(
            List<WindowStats> stats, Function<WindowStats, Rolling> measure, List<Column> columns) {
        double[][] values = new double[LENGTHS][stats.size()];
        for (int row = 0; row < stats.size(); row++) {
            Rolling rolling = measure.apply(stats.get(row));
            values[0][row] = rolling.current();
            values[1][row] = rolling.average1m();
            values[2][row] = rolling.average5m();
            values[3][row] = rolling.average15m();
        }
        for (double[] column : values) {
            columns.add(Column.numbers(column));
        }
    }

    private static Shape row() {
        List<String> pieces = new ArrayList<>();
        pieces.add("{\"blockId\":");
        pieces.add(",\"instanceId\":");
        pieces.add(",\"nodeId\":\"local\",\"type\":\"app\",\"timestamp\":");
        String before = "";
        for (NamedMeasure measure : MEASURES) {
            pieces.add(before + "," + Shape.quoted(measure.name) + ":{\"current\":");
            pieces.add(",\"average_1m\":");
            pieces.add(",\"average_5m\":");
            pieces.add(",\"average_15m\":");
            before = "}";
        }
        pieces.add("}}");
        return new Shape(pieces);
    }
}

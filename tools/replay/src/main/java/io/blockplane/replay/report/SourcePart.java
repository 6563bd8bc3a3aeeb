package io.blockplane.replay.report;

import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.Source;
import io.blockplane.simulator.result.BacktestResult.Workload;
import java.util.stream.Collectors;

/** Where everything is from, so that somebody else can make it again. */
final class SourcePart {

    private final Html html;
    private final Report.Input input;
    private final int level;
    private final String id;

    SourcePart(Html html, Report.Input input, int level, String id) {
        this.html = html;
        this.input = input;
        this.level = level;
        this.id = id;
    }

    void write() {
        BacktestResult result = input.result();
        Source source = result.source();
        Workload load = result.workload();
        html.open("section", "id", id + "-source").line();
        Section.heading(html, level, "Where it is from");
        html.open("dl", "class", "source").line();
        row("Workload", source.name() + " (" + source.kind() + ")");
        row("SHA-256 of it", source.sha256());
        row("Recorded", recorded(source));
        row(
                "Requests",
                "%s in %s, peak %s times the mean; %s tokens in, %s out"
                        .formatted(
                                Numbers.count(load.requests()),
                                Numbers.duration(load.durationMs()),
                                Numbers.three(load.peakToMean()),
                                Numbers.count(load.tokensIn()),
                                Numbers.count(load.tokensOut())));
        row(
                "Objective",
                "%s %% of requests answered within %s s; refused and failed ones miss it"
                        .formatted(
                                Numbers.plain(100 * result.slo().target()),
                                Numbers.plain(result.slo().totalTimeMs() / 1_000.0)));
        row("Instances", source.serviceModel());
        row(
                "Seeds",
                result.seeds().stream().map(String::valueOf).collect(Collectors.joining(", ")));
        row("Simulated by", source.version());
        row("Result file", input.fileName() + ", SHA-256 " + input.sha256());
        html.close().close().line();
    }

    private static String recorded(Source source) {
        return source.fromMs() == 0
                ? "without dates"
                : Numbers.utc(source.fromMs()) + " to " + Numbers.utc(source.toMs());
    }

    private void row(String name, String value) {
        html.open("div").element("dt", name).element("dd", value).close().line();
    }
}

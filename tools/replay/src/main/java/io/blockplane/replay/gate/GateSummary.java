package io.blockplane.replay.gate;

import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.Calibration;
import io.blockplane.simulator.result.BacktestResult.Estimate;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The gate's answer as Markdown for a pull request, short enough to be read there. */
public final class GateSummary {

    private static final Pattern AUTOMATIC_LINK =
            Pattern.compile("@|:(?=//)|(?<!&)#(?=\\d)|(?i:www)(?=\\.)");

    private GateSummary() {}

    public static String of(GateAnswer answer, BacktestResult result, GateLimits limits) {
        StringBuilder out = new StringBuilder();
        switch (answer) {
            case GateAnswer.Judged judged -> judged(out, judged, result, limits);
            case GateAnswer.Unknown(List<String> reasons) -> unknown(out, reasons);
        }
        out.append("\n<sub>")
                .append(
                        text(
                                String.format(
                                        Locale.ROOT,
                                        "%s, %,d requests, %d seeds, SHA-256 %s; %s",
                                        result.source().name(),
                                        result.workload().requests(),
                                        result.seeds().size(),
                                        result.source().sha256(),
                                        result.source().version())))
                .append("</sub>\n");
        return out.toString();
    }

    /** When there is no result to speak of. */
    public static String unreadable(String reason) {
        StringBuilder out = new StringBuilder();
        unknown(out, List.of(reason));
        return out.toString();
    }

    private static void judged(
            StringBuilder out, GateAnswer.Judged judged, BacktestResult result, GateLimits limits) {
        out.append(judged.passed() ? "### ✅ Policy gate: pass\n\n" : "### ❌ Policy gate: fail\n\n");
        out.append(code(judged.candidate()))
                .append(judged.passed() ? " keeps the limits" : " does not keep the limits")
                .append(" beside ")
                .append(code(judged.incumbent()))
                .append(".\n\n");
        out.append("| | estimate | 95 % interval | limit | |\n|---|---:|---:|---:|---|\n");
        row(
                out,
                "cost change, %",
                judged.costPercent(),
                limits.maxCostPercent(),
                judged.costKept());
        row(
                out,
                "requests on time lost, points",
                judged.sloLossPoints(),
                limits.maxSloLossPoints(),
                judged.sloKept());
        out.append('\n');
        if (!judged.passed() && meansKeep(judged, limits)) {
            out.append(
                    "The estimates keep the limits, but the far ends of their intervals do not:"
                            + " more seeds or a longer record may tell.\n\n");
        }
        @Nullable Calibration calibration = result.calibration();
        if (calibration != null) {
            out.append(
                    String.format(
                            Locale.ROOT,
                            "The simulation of the policy in use is off by %.1f %% in cost and %.2f"
                                    + " points in requests on time.%n",
                            Math.abs(calibration.costErrorPercent()),
                            Math.abs(calibration.sloErrorPoints())));
        }
        judged.caveats().forEach(caveat -> out.append("\n").append(text(caveat)).append('\n'));
    }

    private static boolean meansKeep(GateAnswer.Judged judged, GateLimits limits) {
        return judged.costPercent().mean() <= limits.maxCostPercent()
                && judged.sloLossPoints().mean() <= limits.maxSloLossPoints();
    }

    private static void unknown(StringBuilder out, List<String> reasons) {
        out.append("### ⚠️ Policy gate: can't say\n\n");
        reasons.forEach(reason -> out.append("- ").append(text(reason)).append('\n'));
    }

    private static void row(
            StringBuilder out, String name, Estimate estimate, double limit, boolean kept) {
        out.append(
                String.format(
                        Locale.ROOT,
                        "| %s | %+.2f | %+.2f to %+.2f | %+.2f | %s |%n",
                        name,
                        estimate.mean(),
                        estimate.low(),
                        estimate.high(),
                        limit,
                        kept ? "kept" : "**broken**"));
    }

    /**
     * Text of a result as text: no markup, no link, and nobody is mentioned by it, whatever
     * somebody called a policy.
     */
    static String text(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isWhitespace(c) || Character.isISOControl(c)) {
                out.append(' ');
            } else if ("\\`*_[]<>|~&".indexOf(c) >= 0) {
                out.append("&#").append((int) c).append(';');
            } else {
                out.append(c);
            }
        }
        // GitHub makes links of these even when they are escaped; a word joiner, which is not seen,
        // keeps it from that.
        return AUTOMATIC_LINK.matcher(out).replaceAll("$0\u2060");
    }

    /** A name, in letters of one width: nothing in it is markup there but the tick and the bar. */
    private static String code(String name) {
        String plain =
                name.replaceAll("[\\p{Cntrl}\\s]+", " ").replace('`', '\'').replace('|', '¦');
        return "`" + plain + "`";
    }
}

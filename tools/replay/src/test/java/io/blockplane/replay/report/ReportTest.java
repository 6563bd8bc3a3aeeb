package io.blockplane.replay.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.events.EventJson;
import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.Calibration;
import io.blockplane.simulator.result.BacktestResult.DecisionMark;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Verdict;
import io.blockplane.simulator.sample.SampleResults;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReportTest {

    private static final BacktestResult SAMPLE = SampleResults.of(7);
    private static final String PAGE = page(SAMPLE);
    private static final Pattern SCRIPT =
            Pattern.compile("<script([^>]*)>(.*?)</script>", Pattern.DOTALL);

    @Test
    void theVerdictIsTheFirstHeadingWithItsReasonsAndTheCalibrationBesideIt() {
        String body = PAGE.substring(PAGE.indexOf("<body>"));
        String sentence = Html.escaped(SAMPLE.verdict().sentence());
        assertThat(body.indexOf("<h1 class=\"sentence\">" + sentence + "</h1>"))
                .isPositive()
                .isEqualTo(body.indexOf("<h1"));
        String verdict = body.substring(0, body.indexOf("Policies</h2>"));
        assertThat(verdict).contains(">Better: switch</span>");
        SAMPLE.verdict()
                .because()
                .forEach(reason -> assertThat(verdict).contains(Html.escaped(reason)));
        assertThat(verdict).contains("comes out 1.9 % off in cost", "0.30 points off");
    }

    @ParameterizedTest
    @EnumSource(Verdict.Kind.class)
    void everyKindOfVerdictHasItsWord(Verdict.Kind kind) {
        String best = kind == Verdict.Kind.BETTER ? SAMPLE.verdict().best() : null;
        String page =
                page(SampleResults.with(SAMPLE, new Verdict(kind, best, "So it is.", List.of())));
        assertThat(page)
                .contains("kind-" + VerdictPart.kindName(kind), ">" + VerdictPart.label(kind) + "<")
                .contains(">So it is.</h1>")
                .contains("No reasons were given.");
    }

    @Test
    void withoutCalibrationThePageSaysSoBesideTheVerdict() {
        String page = page(SampleResults.with(SAMPLE, (Calibration) null));
        assertThat(page.substring(0, page.indexOf("Policies</h2>"))).contains("Not calibrated.");
    }

    /** Without scripts: what stands between the tags. */
    @Test
    void thePageSaysEverythingWithoutItsScripts() {
        String still = SCRIPT.matcher(PAGE).replaceAll("");
        for (PolicyRun run : SAMPLE.runs()) {
            assertThat(still)
                    .contains(Html.escaped(run.name()))
                    .contains(Numbers.hoursRange(run.instanceSeconds()))
                    .contains(Numbers.percentRange(run.sloAttainment()));
            for (DecisionMark mark : run.decisions()) {
                assertThat(still)
                        .contains(Html.escaped(mark.reason()), Html.escaped(mark.inputs()));
            }
        }
        Objects.requireNonNull(SAMPLE.calibration())
                .rows()
                .forEach(row ->
                        assertThat(still).contains(row.measure(), Numbers.three(row.simulated())));
        assertThat(still)
                .contains(
                        SAMPLE.source().sha256(),
                        Html.escaped(SAMPLE.source().serviceModel()),
                        "11, 12, 13");
    }

    @Test
    void thePageNeedsNothingElse() {
        assertThat(PAGE)
                .contains(Html.escaped("default-src 'none'"))
                .doesNotContainPattern("(?i)<(script|img|link|iframe|source)[^>]*\\ssrc=")
                .doesNotContainPattern("<link[^>]*href=\"(?!data:,\")")
                .doesNotContainPattern("@import|url\\(");
    }

    @Test
    void theOnlyScriptsThatMayRunAreTheTwoThatAreNamedByTheirHash() {
        List<MatchResult> scripts = SCRIPT.matcher(PAGE).results().toList();
        assertThat(scripts).hasSize(3);
        assertThat(scripts.getFirst().group(1)).contains("type=\"application/json\"");
        String policy = PAGE.substring(PAGE.indexOf("script-src"), PAGE.indexOf("; base-uri"));
        for (MatchResult script : scripts.subList(1, 3)) {
            assertThat(policy).contains("&#39;sha256-" + sha256(script.group(2)) + "&#39;");
        }
        assertThat(policy).doesNotContain("unsafe");
    }

    @Test
    void hostileTextStaysText() throws IOException {
        String evil = "</script><img src=x onerror=alert(1)>\"'&<!--\u2028\0";
        List<PolicyRun> runs =
                SAMPLE.runs().stream().map(run -> hostile(run, evil + run.name())).toList();
        BacktestResult result =
                SampleResults.with(
                        SampleResults.with(SAMPLE, runs),
                        new Verdict(Verdict.Kind.WORSE, runs.get(1).name(), evil, List.of(evil)));
        String page = Report.html(List.of(new Report.Input(evil, evil, result), input(SAMPLE)));
        assertThat(page).doesNotContain("<img", "onerror=alert(1)>").doesNotContain("\0");
        List<MatchResult> scripts = SCRIPT.matcher(page).results().toList();
        assertThat(scripts).hasSize(3);
        assertThat(page.split("<script", -1)).hasSize(4);
        JsonNode data = EventJson.MAPPER.readTree(scripts.getFirst().group(2));
        assertThat(data.at("/0/result/verdict/sentence").asText()).isEqualTo(evil);
        assertThat(data.at("/0/result/runs/1/decisions/0/reason").asText()).isEqualTo(evil + "why");
    }

    @Test
    void everyPolicyHasOneLookOnThePageAndNoTwoShareIt() throws IOException {
        String page = Report.html(List.of(input(SAMPLE), input(SampleResults.of(8))));
        JsonNode data =
                EventJson.MAPPER.readTree(
                        SCRIPT.matcher(page).results().findFirst().orElseThrow().group(2));
        assertThat(data.at("/0/looks")).isEqualTo(data.at("/1/looks"));
        Set<String> looks = new HashSet<>();
        data.at("/0/looks").forEach(look -> looks.add(look.get("light") + "" + look.get("dash")));
        assertThat(looks).hasSize(SAMPLE.runs().size());
    }

    @Test
    void severalResultsAreListedWithTheirVerdictsFirst() {
        String page = Report.html(List.of(input(SAMPLE), input(SampleResults.of(8))));
        assertThat(page)
                .contains("<h1>2 backtests</h1>", "href=\"#result-0\"", "href=\"#result-1\"")
                .contains("id=\"result-0\"", "id=\"result-1\"", "<h2 class=\"sentence\">")
                .doesNotContain("<h1 class=\"sentence\">");
        assertThatIllegalArgumentException().isThrownBy(() -> Report.html(List.of()));
    }

    @Test
    void manyDecisionsAreCutInTheTableAndTheCutIsSaid() {
        PolicyRun run = SAMPLE.runs().get(1);
        DecisionMark mark = new DecisionMark(1_000, 1, 2, "again", "load");
        List<DecisionMark> marks = Collections.nCopies(TimelinePart.DECISIONS_SHOWN_MAX + 7, mark);
        BacktestResult result =
                SampleResults.with(
                        SAMPLE,
                        List.of(SAMPLE.runs().getFirst(), SampleResults.deciding(run, marks)));
        assertThat(SCRIPT.matcher(page(result)).replaceAll(""))
                .contains("7 more decisions of this policy are in the CSV.");
    }

    @Test
    void equalResultsMakeEqualPages() {
        assertThat(page(SampleResults.of(7))).isEqualTo(PAGE);
    }

    private static PolicyRun hostile(PolicyRun run, String text) {
        return SampleResults.deciding(
                SampleResults.named(run, text),
                List.of(new DecisionMark(5_000, 1, 2, text.replace(run.name(), "why"), text)));
    }

    private static String page(BacktestResult result) {
        return Report.html(List.of(input(result)));
    }

    private static Report.Input input(BacktestResult result) {
        return new Report.Input("result.json", "00ff", result);
    }

    private static String sha256(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Event;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.replay.Explanation.TaskSum;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedEngine.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExplainTest {

    @TempDir Path folder;

    private RecordedLog life = new RecordedLog();

    @BeforeAll
    void live(PolicyEngine engine) {
        life = Lives.shortLife(engine);
        ScaleUp.around().forEach(life::add);
    }

    @Test
    void walksFromTheEffectBackToTheTasks() throws IOException {
        Explanation explanation =
                Explain.decision(life.write(folder), ScaleUp.DECISION).orElseThrow();
        assertThat(explanation.decided().sequence()).isEqualTo(1);
        assertThat(explanation.windowClosed()).isEqualTo(Lives.window("short", Lives.NOON));
        assertThat(explanation.tasks())
                .hasSize(3)
                .containsEntry("in-0", new TaskSum(3, 0, 300, 21))
                .containsEntry("in-1", new TaskSum(3, 0, 300, 21))
                .containsEntry("-", new TaskSum(1, 1, 100, 7));
        assertThat(explanation.total()).isEqualTo(new TaskSum(7, 1, 700, 49));
        assertThat(explanation.commands())
                .extracting((LogRecord<Event> r) -> r.envelope().id())
                .containsExactly("cmd-dec-short-scale-1");
        assertThat(explanation.events())
                .extracting((LogRecord<Event> r) -> r.envelope().id())
                .containsExactly("evt-short-7", "evt-short-8");

        assertThat(ExplanationText.of(explanation))
                .contains(
                        "applied   evt-short-7 at 2023-11-14T22:13:20Z: 1 -> 2 instances, added"
                                + " [in-2]",
                        "cut by maxInstances: asked 3, granted 2 (the block's limit)",
                        "<- command   cmd-dec-short-scale-1: upscale 2",
                        "<- decision  dec-short-scale-1 at 2023-11-14T22:13:20Z (logical time),"
                                + " returned",
                        "policy    test:1-stable, sha256 ",
                        "instances [\"in-1\"]",
                        "result    {\"skip\":false,\"operation\":\"upscale\"",
                        "<- window    win-short-1700000000000",
                        "<- tasks     7 in the minute before: 700 tokens in, 49 out, 1 failed",
                        "in-1      3 tasks, 300 tokens in, 21 out");
    }

    @Test
    void saysWhatIsNotThere() throws IOException {
        LogSource log = life.write(folder);
        assertThat(Explain.decision(log, "dec-short-scale-99")).isEmpty();
        assertThat(ExplanationText.of(Explain.decision(log, "dec-short-scale-3").orElseThrow()))
                .contains("applied   nothing: the decision asked for no change")
                .contains("<- window    win-short-1700000002000");
        assertThat(ExplanationText.of(Explain.decision(log, "dec-short-scale-2").orElseThrow()))
                .contains("applied   nothing yet: the control plane has not taken the command");
    }

    @Test
    void isNotStoppedByARecordThatCanNotBeRead() throws IOException {
        int other = life.decisionIndexes().getLast();
        LogSource log = life.withValue(other, new byte[] {'x'}).write(folder);
        assertThat(Explain.decision(log, ScaleUp.DECISION)).isPresent();
    }

    @Test
    void showsABlockAsItWasAtAnyInstant() throws IOException {
        LogSource log = life.write(folder);
        Instant lost = Instant.ofEpochMilli(Lives.NOON - 4_000);
        BlockAt before = BlockAt.read(log, "short", lost.minusMillis(1));
        BlockAt after = BlockAt.read(log, "short", lost);
        BlockAt noon = BlockAt.read(log, "short", Instant.ofEpochMilli(Lives.NOON));

        assertThat(BlockAtText.of(before))
                .contains("version 5, builtin:embedding, 1 instances wanted (1 to 2)")
                .contains("instance  in-1 ready, run 1, at 127.0.0.1:9000")
                .contains("policy    autoscaler: test:1-stable {\"p\":1}")
                .contains("last event evt-short-5, PolicyActivated")
                .contains("window    none was closed yet")
                .contains("pending   no command");
        assertThat(BlockAtText.of(after))
                .contains("version 6")
                .contains("instance  in-1 requested, run 2\n");
        assertThat(noon.state().version()).isEqualTo(8);
        assertThat(BlockAtText.of(noon))
                .contains("instance  in-2 requested, run 1")
                .contains("window    win-short-1700000000000: last minute")
                .contains("decided   dec-short-scale-1, eval at 2023-11-14T22:13:20Z: {\"skip\"")
                .contains("pending   cmd-other, ScaleBlock of 2023-11-14T22:13:20Z");
        assertThat(BlockAtText.of(BlockAt.read(log, "short", Instant.EPOCH)))
                .contains("there is no such block yet");
    }

    @Test
    void saysWhereTheFoldOfABlockBreaks() throws IOException {
        RecordedLog broken = new RecordedLog();
        ScaleUp.around().stream().filter(e -> !e.id().equals("evt-short-4")).forEach(broken::add);
        assertThat(
                        BlockAtText.of(
                                BlockAt.read(
                                        broken.write(folder),
                                        "short",
                                        Instant.ofEpochMilli(Lives.NOON))))
                .contains(
                        "does not follow: version: 5 of PolicyActivated of block short"
                                + " (expected: 4); what follows is as of the event before it")
                .contains("version 3");
    }
}

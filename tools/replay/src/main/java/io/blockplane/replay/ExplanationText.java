package io.blockplane.replay;

import com.google.errorprone.annotations.FormatMethod;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.Command;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.WindowClosed;
import io.blockplane.events.WindowClosed.InstanceWindow;
import io.blockplane.events.WindowStats;
import io.blockplane.log.LogRecord;
import java.time.Instant;
import java.util.Locale;

/**
 * An {@link Explanation} as text, from the effect back to its causes: applied, command, decision,
 * window, tasks.
 */
public final class ExplanationText {

    private final StringBuilder out = new StringBuilder();

    private ExplanationText() {}

    public static String of(Explanation explanation) {
        ExplanationText text = new ExplanationText();
        text.applied(explanation);
        text.commands(explanation);
        text.decision(explanation);
        text.window(explanation);
        text.tasks(explanation);
        return text.out.toString();
    }

    private void applied(Explanation explanation) {
        if (explanation.commands().isEmpty()) {
            line("applied   nothing: the decision asked for no change");
            return;
        }
        for (LogRecord<Event> record : explanation.events()) {
            switch ((BlockEvent) record.event()) {
                case BlockEvent.ScaleApplied e -> {
                    line(
                            "applied   %s at %s: %d -> %d instances%s%s",
                            record.envelope().id(),
                            time(record.envelope().timeMs()),
                            e.before(),
                            e.after(),
                            e.added().isEmpty() ? "" : ", added " + e.added(),
                            e.removed().isEmpty() ? "" : ", removed " + e.removed());
                    for (BlockEvent.Clamp clamp : e.clamps()) {
                        line(
                                "          cut by %s: asked %d, granted %d (%s)",
                                clamp.limit(), clamp.asked(), clamp.granted(), clamp.explanation());
                    }
                }
                case BlockEvent.CommandRefused e ->
                        line("refused   %s: %s", record.envelope().id(), e.message());
                case BlockEvent.BlockCreated _,
                        BlockEvent.PolicyChange _,
                        BlockEvent.InstanceRequested _,
                        BlockEvent.InstanceReady _,
                        BlockEvent.InstanceLost _,
                        BlockEvent.InstanceDraining _,
                        BlockEvent.InstanceDrained _,
                        BlockEvent.InstanceStopped _ ->
                        line(
                                "          %s %s",
                                record.envelope().id(), record.event().getClass().getSimpleName());
            }
        }
        if (explanation.events().isEmpty()) {
            line("applied   nothing yet: the control plane has not taken the command");
        }
    }

    private void commands(Explanation explanation) {
        for (LogRecord<Event> record : explanation.commands()) {
            if (record.event() instanceof Command.ScaleBlock command) {
                line(
                        " <- command   %s: %s %s",
                        record.envelope().id(),
                        command.operation().name().toLowerCase(Locale.ROOT),
                        command.operation() == PolicyDecided.Operation.DOWNSCALE
                                ? command.instanceIds()
                                : command.count());
            }
        }
    }

    private void decision(Explanation explanation) {
        PolicyDecided decided = explanation.decided();
        line(
                " <- decision  %s at %s (logical time), %s, %.1f ms",
                explanation.decision().envelope().id(),
                time(decided.logicalTimeMs()),
                decided.outcome().name().toLowerCase(Locale.ROOT),
                decided.durationUs() / 1000.0);
        line(
                "      policy    %s, sha256 %s, %s, incarnation %d",
                decided.policy().uri(),
                decided.policy().sha256(),
                decided.policy().runtime(),
                decided.incarnation());
        line("      parameters %s", decided.parameters());
        line("      instances %s", decided.input().node().path("current_instances"));
        if (decided.output() != null) {
            line("      result    %s", decided.output());
        }
        if (decided.error() != null) {
            line("      error     %s", decided.error());
        }
        decided.fallbacks().forEach(f -> line("      fallback  %s", f));
    }

    private void window(Explanation explanation) {
        WindowClosed window = explanation.windowClosed();
        if (window == null) {
            line(" <- window    none: no window was closed yet");
            return;
        }
        line(" <- window    %s", WindowClosed.id(window.blockId(), window.asOfMs()));
        stats("block", window.block());
        for (InstanceWindow instance : window.instances()) {
            stats(instance.instanceId(), instance.stats());
        }
    }

    private void stats(String name, WindowStats stats) {
        line(
                "      %-9s last minute: %,.0f tasks, %,.0f tokens/min in, %,.0f out, latency"
                        + " p50 %.1f ms, p99 %.1f ms, %.0f errors",
                name,
                stats.tasksProcessed().average1m(),
                stats.inputTokensPerMinute().average1m(),
                stats.outputTokensPerMinute().average1m(),
                stats.latencyP50().average1m() * 1000,
                stats.latencyP99().average1m() * 1000,
                stats.errors().average1m());
    }

    private void tasks(Explanation explanation) {
        Explanation.TaskSum total = explanation.total();
        line(
                " <- tasks     %,d in the minute before: %,d tokens in, %,d out, %,d failed",
                total.tasks(), total.tokensIn(), total.tokensOut(), total.failed());
        explanation
                .tasks()
                .forEach((instance, sum) ->
                        line(
                                "      %-9s %,d tasks, %,d tokens in, %,d out",
                                instance, sum.tasks(), sum.tokensIn(), sum.tokensOut()));
    }

    @FormatMethod
    private void line(String format, Object... values) {
        out.append(format.formatted(values)).append('\n');
    }

    private static String time(long epochMs) {
        return Instant.ofEpochMilli(epochMs).toString();
    }
}

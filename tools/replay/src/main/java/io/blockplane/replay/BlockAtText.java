package io.blockplane.replay;

import com.google.errorprone.annotations.FormatMethod;
import io.blockplane.control.core.BlockPolicy;
import io.blockplane.control.core.BlockState;
import io.blockplane.control.core.Instance;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Collectors;

/** A {@link BlockAt} as text. */
public final class BlockAtText {

    private final StringBuilder out = new StringBuilder();

    private BlockAtText() {}

    public static String of(BlockAt block) {
        BlockAtText text = new BlockAtText();
        text.line(
                "block %s at %s, by all that the log has up to then", block.blockId(), block.at());
        if (block.broken() != null) {
            text.line("  BROKEN    %s; what follows is as of the event before it", block.broken());
        }
        text.state(block.state());
        LogRecord<Event> last = block.lastEvent();
        if (last != null) {
            text.line(
                    "  last event %s, %s at %s",
                    last.envelope().id(),
                    last.event().getClass().getSimpleName(),
                    Instant.ofEpochMilli(last.envelope().timeMs()));
        }
        text.window(block.window());
        block.ticks().values().forEach(text::tick);
        block.decisions().values().forEach(text::decision);
        text.pending(block);
        return text.out.toString();
    }

    private void state(BlockState state) {
        switch (state) {
            case BlockState.Absent _ -> line("  there is no such block yet");
            case BlockState.Present present -> {
                line(
                        "  version %d, %s, %d instances wanted (%d to %d)",
                        present.version(),
                        present.spec().componentUri(),
                        present.wanted(),
                        present.spec().minInstances(),
                        present.spec().maxInstances());
                present.instances().forEach(this::instance);
                present.policies().forEach(this::policy);
            }
        }
    }

    private void instance(Instance instance) {
        line(
                "  instance  %s %s, run %d%s",
                instance.instanceId(),
                instance.phase().name().toLowerCase(Locale.ROOT),
                instance.generation(),
                instance.address() == null ? "" : ", at " + instance.address().target());
    }

    private void policy(String name, BlockPolicy policy) {
        PolicyBinding active = policy.active();
        line(
                "  policy    %s: %s%s%s%s",
                name,
                active == null ? "none" : active.policyUri() + " " + active.parameters(),
                policy.quarantined() ? ", quarantined" : "",
                policy.candidate() == null
                        ? ""
                        : ", being checked: " + policy.candidate().binding().policyUri(),
                policy.shadow() == null ? "" : ", in the shadow: " + policy.shadow().policyUri());
    }

    private void window(@org.jspecify.annotations.Nullable WindowClosed window) {
        if (window == null) {
            line("  window    none was closed yet");
            return;
        }
        line(
                "  window    %s: last minute %,.0f tasks, %,.0f tokens/min in, %,.0f out, p99 %.1f"
                        + " ms",
                WindowClosed.id(window.blockId(), window.asOfMs()),
                window.block().tasksProcessed().average1m(),
                window.block().inputTokensPerMinute().average1m(),
                window.block().outputTokensPerMinute().average1m(),
                window.block().latencyP99().average1m() * 1000);
    }

    private void tick(Ticked tick) {
        String under =
                tick.instances().stream()
                        .map((InstanceLoad load) -> load.instanceId() + " " + load.outstanding())
                        .collect(Collectors.joining(", "));
        line(
                "  tasks     %d waiting at %s; under way: %s (tick of %s)",
                tick.queued(),
                tick.executorId(),
                under.isEmpty() ? "none" : under,
                Instant.ofEpochMilli(tick.atMs()));
    }

    private void decision(LogRecord<Event> record) {
        PolicyDecided decided = (PolicyDecided) record.event();
        line(
                "  decided   %s, %s at %s: %s",
                record.envelope().id(),
                decided.call().name().toLowerCase(Locale.ROOT),
                Instant.ofEpochMilli(decided.logicalTimeMs()),
                decided.output() != null
                        ? decided.output()
                        : decided.error() != null ? decided.error() : "nothing");
    }

    private void pending(BlockAt block) {
        if (block.pending().isEmpty()) {
            line("  pending   no command");
        }
        for (LogRecord<Event> command : block.pending()) {
            line(
                    "  pending   %s, %s of %s: not yet taken by the control plane",
                    command.envelope().id(),
                    command.event().getClass().getSimpleName(),
                    Instant.ofEpochMilli(command.envelope().timeMs()));
        }
    }

    @FormatMethod
    private void line(String format, Object... values) {
        out.append(format.formatted(values)).append('\n');
    }
}

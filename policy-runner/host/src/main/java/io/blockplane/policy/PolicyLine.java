package io.blockplane.policy;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of one kind for one block, one after another, whatever happens to the policy
 * objects that make them: it numbers and chains the records, and begins a new object where one has
 * to begin: at first, after a call that did not end or broke the sandbox, after an INIT that
 * failed, and when the assignment changes.
 *
 * <p>Used by one thread at a time. When a record that it returned does not get into the log, this
 * line is ahead of the log: close it and {@link #resume} from what the log says.
 */
public final class PolicyLine implements AutoCloseable {

    private final PolicyEngine engine;
    private final PolicyLimits limits;
    private PolicyAssignment assignment;
    private ChainPosition position;
    private @Nullable RecordedPolicy policy;

    private PolicyLine(
            PolicyEngine engine,
            PolicyLimits limits,
            PolicyAssignment assignment,
            ChainPosition position,
            @Nullable RecordedPolicy policy) {
        this.engine = engine;
        this.limits = limits;
        this.assignment = assignment;
        this.position = position;
        this.policy = policy;
    }

    /**
     * A line taken up again.
     *
     * @param rebuilt how the policy object's state was brought back; null when there was none to
     *     bring back. If it is not {@link Rebuilt.Same}, the line goes on with a new object, whose
     *     state (a cooldown for example) begins from nothing
     */
    public record Resumed(PolicyLine line, @Nullable Rebuilt rebuilt) {}

    /** The line of a block that has no decision of this kind yet. */
    public static PolicyLine start(
            PolicyEngine engine, PolicyAssignment assignment, PolicyLimits limits) {
        return new PolicyLine(engine, limits, assignment, ChainPosition.START, null);
    }

    /**
     * Goes on where the log ends.
     *
     * @param decisions the last ones of this chain, in order: the last INIT and all since then, or
     *     the last INIT, the last usable SNAPSHOT and all since that; older ones don't matter.
     *     Empty: as {@link #start}
     * @param lastHash the hash of the last one's bytes in the log ({@code bp_hash}); not read when
     *     there is none
     */
    public static Resumed resume(
            PolicyEngine engine,
            PolicyAssignment assignment,
            PolicyLimits limits,
            List<PolicyDecided> decisions,
            String lastHash,
            WindowDocuments windows) {
        if (decisions.isEmpty()) {
            return new Resumed(start(engine, assignment, limits), null);
        }
        ChainPosition position =
                ChainPosition.after(decisions.getLast(), lastHash).nextIncarnation();
        PolicyLine line = new PolicyLine(engine, limits, assignment, position, null);
        List<PolicyDecided> living = sinceInit(decisions);
        if (living.isEmpty() || !isOf(assignment, living.getFirst())) {
            return new Resumed(line, null);
        }
        // What was written down is the short way; all of it is what must come out the same.
        Rebuilt restored = line.take(policy -> policy.restore(living, windows));
        if (restored instanceof Rebuilt.Same) {
            return new Resumed(line, restored);
        }
        return new Resumed(line, line.take(policy -> policy.rebuild(living, windows)));
    }

    /** Goes on with a new object if this gives it the state. */
    private Rebuilt take(Function<RecordedPolicy, Rebuilt> rebuild) {
        RecordedPolicy made = new RecordedPolicy(engine, assignment, position, limits);
        Rebuilt rebuilt = rebuild.apply(made);
        if (rebuilt instanceof Rebuilt.Same && made.usable()) {
            policy = made;
        } else {
            made.close();
        }
        return rebuilt;
    }

    /**
     * What decides from the next call on. The same assignment again changes nothing; another one
     * begins with a new object.
     */
    public void assign(PolicyAssignment next) {
        if (!chain(next).equals(chain(assignment))) {
            throw new IllegalArgumentException(
                    "assignment: %s (expected: %s)".formatted(chain(next), chain(assignment)));
        }
        boolean another = !equal(assignment, next);
        // Also when nothing but the surroundings is new: the next object is told of them.
        assignment = next;
        if (another) {
            discard();
        }
    }

    /**
     * The decision for this input: the last of the returned records. An INIT may come before it; if
     * that failed, it is the only one, and its action is NONE. Never longer than the limits of a
     * preparation, an INIT and a call.
     */
    public List<PolicyDecided> eval(long logicalTimeMs, Json input, MetricsSource metrics) {
        return decide(logicalTimeMs, metrics, living -> living.eval(logicalTimeMs, input, metrics));
    }

    /** The answer to a management call, as {@link #eval}. */
    public List<PolicyDecided> manage(
            long logicalTimeMs, String action, Json data, MetricsSource metrics) {
        return decide(
                logicalTimeMs,
                metrics,
                living -> living.manage(logicalTimeMs, action, data, metrics));
    }

    /** Lets the next call begin with a new object. */
    public void renew() {
        discard();
    }

    /**
     * Writes the state of the policy object down, so that a {@link #resume} needs only what comes
     * after; empty when there is no object.
     */
    public List<PolicyDecided> snapshot(long logicalTimeMs) {
        RecordedPolicy living = policy;
        if (living == null) {
            return List.of();
        }
        PolicyDecided written = living.snapshot(logicalTimeMs);
        if (!living.usable()) {
            discard();
        }
        return List.of(written);
    }

    /** Of the next decision. */
    public ChainPosition position() {
        RecordedPolicy living = policy;
        return living == null ? position : living.position();
    }

    public PolicyAssignment assignment() {
        return assignment;
    }

    @Override
    public void close() {
        discard();
    }

    private List<PolicyDecided> decide(
            long timeMs, MetricsSource metrics, Function<RecordedPolicy, PolicyDecided> call) {
        List<PolicyDecided> records = new ArrayList<>();
        RecordedPolicy living = policy;
        if (living == null) {
            living = new RecordedPolicy(engine, assignment, position, limits);
            policy = living;
            records.add(living.init(timeMs, metrics));
        }
        if (living.usable()) {
            records.add(call.apply(living));
        }
        if (!living.usable()) {
            discard();
        }
        return records;
    }

    private void discard() {
        RecordedPolicy living = policy;
        if (living != null) {
            position = living.position().nextIncarnation();
            policy = null;
            living.close();
        }
    }

    private static List<PolicyDecided> sinceInit(List<PolicyDecided> decisions) {
        for (int i = decisions.size() - 1; i >= 0; i--) {
            if (decisions.get(i).call() == Call.INIT) {
                return decisions.subList(i, decisions.size());
            }
        }
        return List.of();
    }

    private static String chain(PolicyAssignment assignment) {
        return assignment.kind()
                + " of block "
                + assignment.blockId()
                + (assignment.lane() == null ? "" : ", lane " + assignment.lane());
    }

    private static boolean isOf(PolicyAssignment assignment, PolicyDecided recorded) {
        return recorded.policy().uri().equals(assignment.version().uri())
                && recorded.policy().sha256().equals(assignment.version().sha256())
                && recorded.parameters().equals(assignment.parameters())
                && recorded.settings().equals(assignment.settings());
    }

    private static boolean equal(PolicyAssignment one, PolicyAssignment other) {
        return one.version().equals(other.version())
                && one.parameters().equals(other.parameters())
                && one.settings().equals(other.settings());
    }
}

package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.EventJson;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.Reexecution;
import io.blockplane.policy.RoutingReexecution;
import io.blockplane.policy.RoutingReexecution.Rerouted;
import io.blockplane.policy.format.PolicyArchive;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Executes one lane of a balancer again: its INIT and MANAGE records and the routing records in the
 * events of tasks, merged by their sequence numbers. A number that is nowhere is a call whose task
 * has no event, for example because the executor was killed: the calls after it, up to the next
 * INIT, can't be vouched for.
 */
final class RoutingExecution implements AutoCloseable {

    private final PolicyEngine engine;
    private final DecisionLog log;
    private final List<Finding> findings = new ArrayList<>();
    private @Nullable RoutingReexecution policy;
    private long identical;
    private long cutShort;

    /** Why there is no policy object to execute with; null: what comes is not to be executed. */
    private @Nullable String noPolicy = "no INIT comes before it";

    /** One of the two kinds of records. */
    private record Step(
            long sequence, @Nullable LogRecord<Event> decision, @Nullable LaneCall call) {

        String where() {
            return decision != null ? DecisionLog.where(decision) : laneCall().where();
        }

        String id() {
            return decision != null ? decision.envelope().id() : laneCall().id();
        }

        boolean isInit() {
            return decision != null && decided(decision).call() == Call.INIT;
        }

        LaneCall laneCall() {
            if (call == null) {
                throw new IllegalStateException("no call");
            }
            return call;
        }
    }

    RoutingExecution(PolicyEngine engine, DecisionLog log) {
        this.engine = engine;
        this.log = log;
    }

    long identical() {
        return identical;
    }

    /** Cut short, or after a gap at the lane's end. */
    long cutShort() {
        return cutShort;
    }

    List<Finding> findings() {
        return findings;
    }

    /** All of a lane. */
    void execute(List<LogRecord<Event>> decisions, List<LaneCall> calls) {
        List<Step> steps = new ArrayList<>();
        decisions.forEach(d -> steps.add(new Step(decided(d).sequence(), d, null)));
        calls.forEach(c -> steps.add(new Step(c.routing().sequence(), null, c)));
        steps.sort(Comparator.comparingLong(Step::sequence));
        long next = 0;
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            if (step.sequence() < next) {
                findings.add(
                        new Finding.ChainBroken(
                                step.where(), step.id(), "its number was taken before"));
                end("a number stands twice");
            } else if (step.sequence() > next) {
                gap(next, steps, i);
            }
            next = step.sequence() + 1;
            execute(step);
        }
    }

    @Override
    public void close() {
        end("");
    }

    private void gap(long from, List<Step> steps, int at) {
        Step after = steps.get(at);
        int lost = 0;
        int end = at;
        while (end < steps.size() && !steps.get(end).isInit()) {
            lost++;
            end++;
        }
        boolean atEnd = end == steps.size();
        findings.add(
                new Finding.Gap(
                        after.where(), after.id(), from, after.sequence() - 1, lost, atEnd));
        end(null);
        if (atEnd) {
            cutShort += lost;
        }
    }

    private void execute(Step step) {
        LogRecord<Event> decision = step.decision();
        if (decision == null) {
            route(step.laneCall());
        } else {
            decide(decision);
        }
    }

    private void route(LaneCall call) {
        RoutingReexecution living = policy;
        if (living == null || !living.usable()) {
            notExecutable(call.where(), call.id());
            return;
        }
        if (call.cutShort()) {
            cutShort++;
            end("the call before it was cut short");
            return;
        }
        switch (living.routing(call.routing(), log::document)) {
            case Rerouted.Same() -> identical++;
            case Rerouted.Different(String field, String recorded, String executed) ->
                    findings.add(
                            new Finding.Diverged(
                                    call.where(), call.id(), field, recorded, executed));
            case Rerouted.NotExecutable(String reason) -> {
                findings.add(new Finding.NotExecutable(call.where(), call.id(), reason));
                end("the state before it is unknown");
            }
        }
    }

    private void decide(LogRecord<Event> record) {
        PolicyDecided recorded = decided(record);
        if (recorded.call() == Call.INIT) {
            begin(recorded);
        }
        RoutingReexecution living = policy;
        if (!recorded.outcome().reproducible()) {
            cutShort++;
            end("the call before it was cut short (" + recorded.outcome() + ")");
            return;
        }
        if (living == null || (recorded.call() != Call.INIT && !living.usable())) {
            notExecutable(DecisionLog.where(record), record.envelope().id());
            return;
        }
        switch (living.decision(recorded, log::document)) {
            case Reexecution.WindowMissing(String windowId) -> {
                findings.add(
                        new Finding.NotExecutable(
                                DecisionLog.where(record),
                                record.envelope().id(),
                                "window " + windowId + " is not in the log"));
                end("the state before it is unknown");
            }
            case Reexecution.Executed(PolicyDecided executed) -> compare(record, executed);
        }
    }

    private void compare(LogRecord<Event> record, PolicyDecided executed) {
        String again = EventJson.text(Reexecution.asMeasured(executed, decided(record)));
        if (again.equals(record.value())) {
            identical++;
            return;
        }
        findings.add(Finding.Diverged.of(record, again));
    }

    private void begin(PolicyDecided init) {
        end("");
        PolicyArchive archive = log.archive(init.policy().sha256());
        if (archive == null) {
            noPolicy = "archive " + init.policy().sha256() + " is not in the log";
            return;
        }
        try {
            PolicyAssignment assignment =
                    new PolicyAssignment(
                            init.blockId(),
                            init.kind(),
                            init.lane(),
                            init.policy(),
                            archive,
                            init.parameters(),
                            init.settings(),
                            init.input(),
                            log.schemas(init.policy().uri()));
            policy = new RoutingReexecution(engine, assignment, init);
        } catch (IllegalArgumentException e) {
            noPolicy = "it can't have been made like this: " + e.getMessage();
        }
    }

    private void end(@Nullable String why) {
        RoutingReexecution living = policy;
        if (living != null) {
            living.close();
            policy = null;
        }
        noPolicy = why;
    }

    private void notExecutable(String where, String id) {
        String why = noPolicy;
        if (why != null) {
            findings.add(new Finding.NotExecutable(where, id, why));
        }
    }

    private static PolicyDecided decided(LogRecord<Event> record) {
        return (PolicyDecided) record.event();
    }
}

package io.blockplane.simulator;

import io.blockplane.control.core.Instance;
import io.blockplane.control.core.Reply;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.Command;
import io.blockplane.events.Command.Observation;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.WindowClosed;
import io.blockplane.executor.core.InstanceSet.Member;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.simulator.Agenda.Rank;
import io.blockplane.simulator.policy.RoutingAdvisor;
import io.blockplane.simulator.policy.Scaler;
import io.blockplane.simulator.result.BacktestResult.DecisionMark;
import io.blockplane.simulator.service.Server;
import io.blockplane.simulator.workload.Request;
import io.blockplane.simulator.workload.Workload;
import io.blockplane.windows.BlockWindows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run of a block in virtual time: the loop of arrivals, queue, instances, windows, policy and
 * control plane. The same scenario, policy and seed give the same run.
 *
 * <ol>
 *   <li>Requests come in as the workload says and go through the production's router.
 *   <li>Instances are the service model's.
 *   <li>Each end of a task and each second is a task event; the production windows close on them.
 *   <li>On a window, when it is due, the policy decides, after the lag that was seen; the
 *       production control plane clamps and applies it.
 *   <li>An instance that was requested serves after its start-up; one that drains finishes what it
 *       has, and is gone after the time that a stop takes.
 * </ol>
 */
public final class Simulation implements Dispatcher.Host {

    private static final String EXECUTOR_ID = "simulator";
    private static final long SECOND = 1_000_000_000L;
    private static final long NANOS_PER_MS = 1_000_000L;

    /** After the last arrival a run is given up, and what is open counts as missed. */
    private static final long MAX_AFTERMATH_NANOS = 3_600 * SECOND;

    /** The balancer's sequence numbers begin anywhere in this range. */
    private static final int FIRST_PICKS = 1_000_000;

    /** What serves at the beginning has done so for longer than any slow start takes. */
    private static final long LONG_AGO_NANOS = -24 * 3_600 * SECOND;

    private final Scenario scenario;
    private final Workload workload;
    private final Scaler scaler;
    private final long seed;
    private final Agenda agenda = new Agenda();
    private final ControlPlane control;
    private final Dispatcher dispatcher;
    private final BlockWindows windows;
    private final Ledger ledger;
    private final Map<String, Integer> ordinals = new HashMap<>();
    private long nowNanos;
    private long lastEvaluationMs;
    private long events;
    private int nextArrival;

    private Simulation(
            Scenario scenario, Scaler scaler, @Nullable RoutingAdvisor advisor, long seed) {
        this.scenario = scenario;
        this.workload = scenario.workload();
        this.scaler = scaler;
        this.seed = seed;
        this.control = new ControlPlane(scenario.spec().blockId());
        RoutingRules rules =
                RoutingRules.of(scenario.spec().policies().get(RoutingRules.POLICY_NAME));
        long firstPick = Chance.of(seed, Chance.Stream.BALANCER, 0).nextInt(FIRST_PICKS);
        this.dispatcher = new Dispatcher(this, rules, advisor, firstPick);
        this.windows = new BlockWindows(scenario.spec().blockId());
        this.ledger = new Ledger(workload, scenario.slo().totalTimeMs());
        this.lastEvaluationMs = scenario.lastEvaluationMs(scaler.intervalMs(), seed);
    }

    /**
     * Runs it.
     *
     * @param scaler a fresh one; the caller closes it
     * @param advisor the block's own balancer; null when the built-in one is asked alone
     */
    public static RunTrace run(
            Scenario scenario, Scaler scaler, @Nullable RoutingAdvisor advisor, long seed) {
        return new Simulation(scenario, scaler, advisor, seed).run();
    }

    private RunTrace run() {
        begin();
        long end = workload.lastNanos() + MAX_AFTERMATH_NANOS;
        while (!(ledger.allEnded() && nowNanos >= workload.lastNanos())
                && agenda.nextNanos() <= end) {
            nowNanos = agenda.nextNanos();
            Runnable next = agenda.poll();
            if (next == null) {
                throw new IllegalStateException("the ticks never end");
            }
            events++;
            next.run();
        }
        return ledger.close(Math.max(nowNanos, workload.lastNanos()), events);
    }

    private void begin() {
        apply(new Command.CreateBlock(scenario.spec()), true);
        int more = scenario.initialInstances() - control.wanted();
        if (more > 0) {
            apply(scale(Operation.UPSCALE, more, List.of(), "at the beginning"), true);
        }
        scenario.losses()
                .forEach(loss ->
                        agenda.put(loss.atNanos(), Rank.LIFECYCLE, () -> lose(loss.rank())));
        agenda.put(0, Rank.TICKED, this::tick);
        scheduleArrival();
    }

    private Command.ScaleBlock scale(
            Operation operation, int count, List<String> ids, @Nullable String reason) {
        return new Command.ScaleBlock(scenario.spec().blockId(), operation, count, ids, reason);
    }

    // Requests.

    private void scheduleArrival() {
        if (nextArrival < workload.size()) {
            Request next = workload.requests().get(nextArrival++);
            agenda.put(next.atNanos(), Rank.ARRIVED, () -> arrive(next));
        }
    }

    private void arrive(Request request) {
        scheduleArrival();
        long timeout = scenario.timeoutNanos();
        boolean limited = timeout != Scenario.NO_TIMEOUT && !request.ordered();
        long deadline = limited ? nowNanos + timeout : Task.NO_DEADLINE;
        Task task = new Task(request, deadline);
        dispatcher.arrive(task, nowNanos);
        if (limited && !task.ended) {
            agenda.put(deadline, Rank.EXPIRED, () -> dispatcher.expire(task, nowNanos));
        }
    }

    @Override
    public long epochMs(long atNanos) {
        return workload.originMs() + atNanos / NANOS_PER_MS;
    }

    @Override
    public void ended(Task task, Outcome outcome, @Nullable String reason, long atNanos) {
        ledger.ended(task, outcome, reason, atNanos);
        count(task.finished(scenario.spec().blockId(), outcome, reason, atNanos, epochMs(atNanos)));
        idle(task.instanceId);
    }

    @Override
    public void again(Task task, long atNanos) {
        agenda.put(atNanos, Rank.RETRIED, () -> dispatcher.ordered(task, nowNanos));
    }

    @Override
    public void woken(Target target) {
        long next = target.server.nextNanos();
        if (next != Server.IDLE && next < target.wakesNanos) {
            target.wakesNanos = next;
            agenda.put(next, Rank.SERVED, () -> serve(target, next));
        }
    }

    private void serve(Target target, long due) {
        if (target.wakesNanos != due) {
            return;
        }
        target.wakesNanos = Server.IDLE;
        List<Request> answered = new ArrayList<>(1);
        target.server.advance(nowNanos, answered::add);
        for (Request request : answered) {
            dispatcher.answered(target, request, nowNanos);
        }
        woken(target);
    }

    // Time, windows, decisions.

    private void tick() {
        agenda.put(nowNanos + SECOND, Rank.TICKED, this::tick);
        dispatcher.tick(nowNanos);
        int waiting = dispatcher.waiting();
        ledger.tick(waiting, nowNanos);
        Ticked tick =
                new Ticked(
                        scenario.spec().blockId(),
                        EXECUTOR_ID,
                        epochMs(nowNanos),
                        waiting,
                        dispatcher.loads());
        scaler.onTick(tick);
        count(tick);
    }

    private void count(TaskEvent event) {
        for (WindowClosed window : windows.apply(event)) {
            long lag =
                    scenario.timing()
                            .decision()
                            .nanos(Chance.of(seed, Chance.Stream.DECISION_LAG, window.asOfMs()));
            long closed = (window.asOfMs() - workload.originMs()) * NANOS_PER_MS;
            agenda.put(Math.max(nowNanos, closed + lag), Rank.DECIDED, () -> decide(window));
        }
    }

    private void decide(WindowClosed window) {
        boolean due =
                window.asOfMs() > lastEvaluationMs
                        && (lastEvaluationMs == 0
                                || window.asOfMs() >= lastEvaluationMs + scaler.intervalMs());
        if (!due) {
            return;
        }
        lastEvaluationMs = window.asOfMs();
        ScaleAction action =
                scaler.decide(
                        new Scaler.Situation(
                                window,
                                control.spec(),
                                control.wanted(_ -> true),
                                control.wanted(i -> i.phase() == Instance.Phase.READY)));
        if (action.operation() == Operation.NONE) {
            return;
        }
        int before = control.wanted();
        String reason = action.reason() == null ? "" : action.reason();
        ControlPlane.Done done =
                apply(
                        scale(
                                action.operation(),
                                action.count(),
                                action.instanceIds(),
                                action.reason()),
                        false);
        String clamped =
                switch (done) {
                    case ControlPlane.Done.Refused(String why) -> " (refused: " + why + ")";
                    case ControlPlane.Done.Accepted(_, Reply.Scaled(_, _, var clamps)) ->
                            clamps.isEmpty() ? "" : " (" + clamps.getFirst().explanation() + ")";
                    case ControlPlane.Done.Accepted _ -> "";
                };
        ledger.decided(
                new DecisionMark(
                        nowNanos / NANOS_PER_MS,
                        before,
                        control.wanted(),
                        reason + clamped,
                        Inputs.text(window)));
    }

    // Instances.

    /** Decides a command; instances that it asks for start, ones that it sends away drain. */
    private ControlPlane.Done apply(Command command, boolean atOnce) {
        ControlPlane.Done done = control.apply(command, epochMs(nowNanos));
        if (done instanceof ControlPlane.Done.Accepted(List<BlockEvent> decided, _)) {
            decided.forEach(event -> follow(event, atOnce));
        }
        return done;
    }

    private void follow(BlockEvent event, boolean atOnce) {
        switch (event) {
            case BlockEvent.InstanceRequested e -> {
                ordinals.put(e.instanceId(), e.ordinal());
                ledger.instanceBegins(e.instanceId(), nowNanos);
                start(e.instanceId(), 1, atOnce);
            }
            case BlockEvent.InstanceReady e -> serves(e);
            case BlockEvent.InstanceLost e -> {
                gone(e.instanceId());
                start(e.instanceId(), e.nextGeneration(), false);
            }
            case BlockEvent.InstanceDraining e -> {
                Target target = dispatcher.find(e.instanceId());
                if (target != null) {
                    dispatcher.drains(target, version(), nowNanos);
                }
                counted();
                idle(e.instanceId());
            }
            case BlockEvent.InstanceDrained e -> gone(e.instanceId());
            case BlockEvent.InstanceStopped e -> ledger.instanceEnds(e.instanceId(), nowNanos);
            case BlockEvent.BlockCreated _,
                    BlockEvent.ScaleApplied _,
                    BlockEvent.PolicyChange _,
                    BlockEvent.CommandRefused _ -> {}
        }
    }

    private void start(String instanceId, int generation, boolean atOnce) {
        if (atOnce) {
            report(instanceId, generation, Observation.READY);
            return;
        }
        long number = ordinals.getOrDefault(instanceId, 0) * 1_000L + generation;
        long startUp =
                scenario.timing().startUp().nanos(Chance.of(seed, Chance.Stream.START_UP, number));
        agenda.put(
                nowNanos + startUp,
                Rank.LIFECYCLE,
                () -> report(instanceId, generation, Observation.READY));
    }

    private void serves(BlockEvent.InstanceReady ready) {
        int ordinal = ordinals.getOrDefault(ready.instanceId(), 0);
        Server server = scenario.service().server(ordinal * 1_000 + ready.generation(), seed);
        dispatcher.serves(
                new Target(ready.instanceId(), ready.generation(), server),
                nowNanos == 0 ? LONG_AGO_NANOS : nowNanos,
                version(),
                nowNanos);
        counted();
    }

    private void gone(String instanceId) {
        Target target = dispatcher.find(instanceId);
        if (target != null) {
            dispatcher.gone(target, version(), nowNanos);
        }
    }

    private long version() {
        return control.instances().version();
    }

    /** An instance that drains and has nothing any more is reported and stopped. */
    private void idle(@Nullable String instanceId) {
        if (instanceId == null
                || !(control.instances().members().get(instanceId)
                        instanceof Member.Draining member)) {
            return;
        }
        Target target = dispatcher.find(instanceId);
        if (target != null && target.outstanding() > 0) {
            return;
        }
        report(instanceId, member.generation(), Observation.DRAINED);
        long number = ordinals.getOrDefault(instanceId, 0);
        long stop = scenario.timing().stop().nanos(Chance.of(seed, Chance.Stream.STOP, number));
        agenda.put(
                nowNanos + stop,
                Rank.LIFECYCLE,
                () -> report(instanceId, member.generation(), Observation.EXITED));
    }

    private void lose(int rank) {
        List<Target> serving = dispatcher.serving();
        if (serving.isEmpty()) {
            return;
        }
        Target target = serving.get(Math.floorMod(rank, serving.size()));
        dispatcher.broken(target, nowNanos);
        report(target.instanceId(), target.generation(), Observation.EXITED);
        counted();
    }

    private void report(String instanceId, int generation, Observation observation) {
        apply(
                new Command.ReportInstance(
                        scenario.spec().blockId(),
                        instanceId,
                        generation,
                        observation,
                        observation == Observation.READY
                                ? new InstanceAddress("simulated", instanceId, "")
                                : null,
                        null,
                        null),
                false);
    }

    private void counted() {
        ledger.serving(dispatcher.serving().size(), nowNanos);
    }
}

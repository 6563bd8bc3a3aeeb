package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyEngine.Compilation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Level 0 of replay: every recorded decision is executed again, by the same code on the recorded
 * inputs, in an engine that has seen nothing else, and must come out the same to the byte; and the
 * chain of records must be whole. Chains are checked beside each other, as many as there are
 * processors. Writes nothing to the log, and no policy reaches the network.
 */
public final class Verify {

    /** From so many decisions on it pays to compile policies. */
    static final long COMPILED_DECISIONS = 20_000;

    private final DecisionLog log;
    private final PolicyEngine engine;
    private final Progress progress;
    private final long total;
    private long done;

    private Verify(DecisionLog log, PolicyEngine engine, Progress progress) {
        this.log = log;
        this.engine = engine;
        this.progress = progress;
        this.total = log.decisions();
    }

    /** Hears how far it is; called after each decision, by one thread at a time. */
    @FunctionalInterface
    public interface Progress {
        void at(long done, long total);
    }

    /** What became of one chain. */
    private record Checked(long identical, long cutShort, List<Finding> findings) {}

    /** Reads the log to its present end and checks all of it; goes on after a finding. */
    public static VerifyReport run(LogSource source, Progress progress) throws IOException {
        return run(source, Selection.ALL, progress);
    }

    /** As {@link #run(LogSource, Progress)}, for a part of a log. */
    public static VerifyReport run(LogSource source, Selection selection, Progress progress)
            throws IOException {
        try (DecisionLog log = DecisionLog.read(source, selection)) {
            Compilation compilation =
                    log.decisions() >= COMPILED_DECISIONS ? Compilation.SOON : Compilation.NEVER;
            PolicyEngine.Options options =
                    new PolicyEngine.Options(compilation, PolicyEngine.Options.DEFAULT.http());
            try (PolicyEngine engine = PolicyEngine.create(options)) {
                return new Verify(log, engine, progress).all(workers());
            }
        }
    }

    /** As {@link #run(LogSource, Progress)}, in an engine that the caller has and keeps. */
    static VerifyReport run(
            LogSource source, Selection selection, PolicyEngine engine, Progress progress)
            throws IOException {
        try (DecisionLog log = DecisionLog.read(source, selection)) {
            return new Verify(log, engine, progress).all(workers());
        }
    }

    private static int workers() {
        return Runtime.getRuntime().availableProcessors();
    }

    private VerifyReport all(int workers) throws IOException {
        Set<String> names = new TreeSet<>(log.chains().keySet());
        names.addAll(log.lanes().keySet());
        Map<String, Checked> checked = checked(names, workers);
        List<Finding> findings = new ArrayList<>(Deletions.of(log));
        findings.addAll(log.unreadable());
        long identical = 0;
        long cutShort = 0;
        long before = 0;
        for (String name : names) {
            Checked chain = checked.get(name);
            if (chain == null) {
                throw new IllegalStateException("chain " + name + " was not checked");
            }
            findings.addAll(chain.findings);
            identical += chain.identical;
            cutShort += chain.cutShort;
            before += chain(name).before();
        }
        findings.addAll(log.routings().findings());
        return new VerifyReport(
                total,
                identical,
                cutShort,
                before,
                names.size(),
                log.routings().identical(),
                findings);
    }

    private Map<String, Checked> checked(Set<String> names, int workers) throws IOException {
        // The longest first: no worker is left alone with it at the end.
        List<String> longestFirst =
                names.stream().sorted(Comparator.comparingLong(this::calls).reversed()).toList();
        Map<String, Future<Checked>> running = new LinkedHashMap<>();
        Map<String, Checked> checked = new HashMap<>();
        ExecutorService pool = Executors.newFixedThreadPool(workers, Thread.ofPlatform().factory());
        try {
            for (String name : longestFirst) {
                running.put(name, pool.submit(() -> check(name)));
            }
            for (Map.Entry<String, Future<Checked>> chain : running.entrySet()) {
                checked.put(chain.getKey(), chain.getValue().get());
            }
            return checked;
        } catch (ExecutionException e) {
            throw new IOException("replay failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            pool.shutdownNow();
        }
    }

    private long calls(String name) {
        return (long) chain(name).size() + log.lanes().getOrDefault(name, List.of()).size();
    }

    /** Only the calls of some lanes stand in the log. */
    private Chain chain(String name) {
        Chain chain = log.chains().get(name);
        return chain == null ? Chain.NONE : chain;
    }

    private Checked check(String name) {
        Chain chain = chain(name);
        List<LaneCall> calls = log.lanes().getOrDefault(name, List.of());
        ChainCheck check = new ChainCheck(log.cut() || chain.cut(), chain.skips());
        return calls.isEmpty() && !isBalancer(chain)
                ? executed(chain, check)
                : routed(chain, calls, check);
    }

    private Checked executed(Chain chain, ChainCheck check) {
        try (ChainExecution execution = new ChainExecution(engine, log)) {
            for (LogRecord<Event> record : chain.records()) {
                check.next(record);
                execution.execute(record);
                advance(1);
            }
            execution.finish();
            return checked(
                    check, execution.identical(), execution.cutShort(), execution.findings());
        }
    }

    private Checked routed(Chain chain, List<LaneCall> calls, ChainCheck check) {
        List<LogRecord<Event>> records = List.copyOf(chain.records());
        records.forEach(check::next);
        try (RoutingExecution execution = new RoutingExecution(engine, log)) {
            execution.execute(records, calls);
            advance(records.size() + (long) calls.size());
            return checked(
                    check, execution.identical(), execution.cutShort(), execution.findings());
        }
    }

    private static Checked checked(
            ChainCheck check, long identical, long cutShort, List<Finding> executed) {
        List<Finding> findings = new ArrayList<>(check.findings());
        findings.addAll(executed);
        return new Checked(identical, cutShort, findings);
    }

    private synchronized void advance(long decisions) {
        done += decisions;
        progress.at(done, total);
    }

    private static boolean isBalancer(Chain chain) {
        return chain.records().getFirst().event() instanceof PolicyDecided decided
                && decided.kind() == PolicyDecided.Kind.ROUTE
                && decided.lane() != null
                && !decided.lane().equals(PolicyDecided.SHADOW);
    }
}

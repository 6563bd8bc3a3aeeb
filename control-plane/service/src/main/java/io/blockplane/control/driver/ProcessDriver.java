package io.blockplane.control.driver;

import io.blockplane.control.component.OpenAiServers;
import io.blockplane.control.core.Instance.Phase;
import io.blockplane.events.Command.Observation;
import io.blockplane.events.Command.ReportInstance;
import io.blockplane.events.InstanceAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs instances as child processes of this JVM, with its class path, or as commands of the
 * operator's own; servers of others it only hands out.
 *
 * <p>Every {@link #LOOK_EVERY}, and when something changes, for each instance that is to be or that
 * runs: {@link Step#next} says what to do. Nothing is remembered but the processes, how often they
 * exited, and which reports are durable; so after a crash of this JVM, when its processes are gone
 * with it, the first look finds instances without a process and reports them. Servers of others
 * went on and are taken on again.
 */
public final class ProcessDriver implements InstanceDriver {

    /** Time between two looks when nothing happens. */
    static final Duration LOOK_EVERY = Duration.ofMillis(200);

    /** A process that does not serve by then is stopped, and counts as one that exited. */
    static final Duration START_LIMIT = Duration.ofMinutes(2);

    private static final Logger LOG = LoggerFactory.getLogger(ProcessDriver.class);

    private final Config config;
    private final Launcher launcher;
    private final Map<Key, Tracked> tracked = new HashMap<>();
    private final BlockingQueue<String> wake = new ArrayBlockingQueue<>(1);
    private @Nullable Thread thread;
    private volatile boolean closing;

    /**
     * How it runs them.
     *
     * @param mainClasses main class by component uri
     * @param jvmOptions given to each process's JVM beside the ones it needs
     * @param logs folder for what they print, one file per instance; for nothing else
     * @param drainLimit an instance that has not drained by then is stopped anyway
     * @param own what the operator adds
     */
    public record Config(
            Map<String, String> mainClasses,
            List<String> jvmOptions,
            Path logs,
            Duration drainLimit,
            OwnCommands own) {

        public static final Map<String, String> DEFAULT_MAIN_CLASSES =
                Map.of(
                        "builtin:embedding",
                        "io.blockplane.instances.embedding.EmbeddingInstance",
                        "builtin:llm-sim",
                        "io.blockplane.instances.llmsim.LlmSimInstance");

        public static final Duration DEFAULT_DRAIN_LIMIT = Duration.ofSeconds(30);

        public Config {
            mainClasses = Map.copyOf(mainClasses);
            jvmOptions = List.copyOf(jvmOptions);
            if (drainLimit.isNegative()) {
                throw new IllegalArgumentException(
                        "drainLimit: " + drainLimit + " (expected: zero or more)");
            }
        }

        /** Without commands of the operator's own. */
        public Config(
                Map<String, String> mainClasses,
                List<String> jvmOptions,
                Path logs,
                Duration drainLimit) {
            this(mainClasses, jvmOptions, logs, drainLimit, OwnCommands.NONE);
        }

        /** The instances that come along, and the operator's own, with the usual limits. */
        public static Config defaults(Path logs, OwnCommands own) {
            return new Config(DEFAULT_MAIN_CLASSES, List.of(), logs, DEFAULT_DRAIN_LIMIT, own);
        }

        /** All that can be run, by uri. */
        public Set<String> componentUris() {
            Set<String> uris = new HashSet<>(mainClasses.keySet());
            uris.addAll(own.commands().keySet());
            uris.add(OpenAiServers.COMPONENT);
            return Set.copyOf(uris);
        }
    }

    private record Key(String blockId, String instanceId) {}

    /** What is known of an instance beside its process. Touched by the driver's thread only. */
    private static final class Tracked {
        private @Nullable InstanceRun run;
        private boolean exitCounted;
        private Backoff backoff = Backoff.NONE;
        private long notBeforeNanos = System.nanoTime();
        private @Nullable Long drainingSinceNanos;
        private final Map<String, CompletableFuture<?>> reports = new HashMap<>();
    }

    /**
     * Runs nothing yet.
     *
     * @param blocksUrl where instances find their blocks; asked when one starts
     */
    public ProcessDriver(Config config, Supplier<String> blocksUrl) {
        this.config = config;
        this.launcher = new Launcher(config, blocksUrl, this::desiredChanged);
    }

    @Override
    public Set<String> componentUris() {
        return config.componentUris();
    }

    @Override
    public void start(Supplier<List<DesiredInstance>> desired, Reports reports) {
        Thread started =
                Thread.ofPlatform()
                        .daemon()
                        .name("process-driver")
                        .unstarted(() -> run(desired, reports));
        thread = started;
        started.start();
    }

    @Override
    public void desiredChanged() {
        // One is enough: the next look sees all changes.
        var _ = wake.offer("changed");
    }

    @Override
    public void close() {
        closing = true;
        desiredChanged();
        Thread started = thread;
        try {
            if (started != null) {
                started.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        launcher.close();
    }

    private void run(Supplier<List<DesiredInstance>> desired, Reports reports) {
        try {
            while (!closing) {
                try {
                    look(desired.get(), reports);
                } catch (RuntimeException e) {
                    // The next look sees the same and tries again.
                    LOG.atError().setCause(e).log("driver could not reconcile");
                }
                var _ = wake.poll(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stopAll();
        }
    }

    private void look(List<DesiredInstance> desired, Reports reports) {
        Map<Key, DesiredInstance> byKey = new HashMap<>();
        for (DesiredInstance instance : desired) {
            Key key = new Key(instance.blockId(), instance.instanceId());
            byKey.put(key, instance);
            adopt(tracked.computeIfAbsent(key, _ -> new Tracked()), instance);
        }
        Set<Key> keys = new HashSet<>(tracked.keySet());
        keys.addAll(byKey.keySet());
        for (Key key : keys) {
            Tracked instance = Objects.requireNonNull(tracked.get(key));
            DesiredInstance wanted = byKey.get(key);
            observe(instance, wanted);
            Step step = Step.next(wanted, observed(instance));
            take(step, key, instance, wanted, reports);
            if (wanted == null && instance.run == null) {
                tracked.remove(key);
            }
        }
    }

    /** What went on while no driver looked at it is not lost. */
    private void adopt(Tracked instance, DesiredInstance wanted) {
        InstanceAddress address = wanted.address();
        boolean serves = wanted.phase() == Phase.READY || wanted.phase() == Phase.DRAINING;
        if (instance.run == null && address != null && serves && Launcher.outlivesDriver(wanted)) {
            instance.run = launcher.adopt(wanted, address);
            instance.exitCounted = false;
            instance.reports.clear();
        }
    }

    /** Takes note of what passes with time: exits, and how long it drains. */
    private void observe(Tracked instance, @Nullable DesiredInstance wanted) {
        InstanceRun run = instance.run;
        if (run != null && !instance.exitCounted && run.run() instanceof Run.Exited) {
            instance.exitCounted = true;
            instance.backoff = instance.backoff.afterExit(run.served());
            instance.notBeforeNanos = System.nanoTime() + instance.backoff.delay().toNanos();
        }
        boolean draining = wanted != null && wanted.phase() == Phase.DRAINING;
        if (!draining) {
            instance.drainingSinceNanos = null;
        } else if (instance.drainingSinceNanos == null) {
            instance.drainingSinceNanos = System.nanoTime();
        }
    }

    private Step.@Nullable Observed observed(Tracked instance) {
        InstanceRun run = instance.run;
        if (run == null) {
            return null;
        }
        Long since = instance.drainingSinceNanos;
        return new Step.Observed(
                run.generation(),
                run.run(),
                run.age().compareTo(START_LIMIT) > 0,
                since != null && System.nanoTime() - since > config.drainLimit().toNanos());
    }

    private void take(
            Step step,
            Key key,
            Tracked instance,
            @Nullable DesiredInstance wanted,
            Reports reports) {
        switch (step) {
            case Step.Nothing _ -> {}
            case Step.Start _ when wanted != null && isTime(instance) -> begin(instance, wanted);
            case Step.Start _ -> {}
            case Step.Stop(String reason) -> stop(key, instance, reason);
            case Step.Forget _ -> instance.run = null;
            case Step.ReportReady(InstanceAddress address) when wanted != null ->
                    report(
                            instance,
                            reports,
                            report(wanted, Observation.READY, address, null, null));
            case Step.ReportExited(Integer exitCode, String detail) when wanted != null ->
                    report(
                            instance,
                            reports,
                            report(wanted, Observation.EXITED, null, exitCode, detail));
            case Step.ReportReady _, Step.ReportExited _ ->
                    throw new IllegalStateException("a report about " + key + ", which nobody has");
        }
    }

    private static boolean isTime(Tracked instance) {
        return System.nanoTime() - instance.notBeforeNanos >= 0;
    }

    private void begin(Tracked instance, DesiredInstance wanted) {
        InstanceRun run = launcher.start(wanted, taken(wanted.blockId()));
        instance.run = run;
        instance.exitCounted = false;
        instance.reports.clear();
        LOG.atInfo()
                .addKeyValue("blockId", wanted.blockId())
                .addKeyValue("instanceId", wanted.instanceId())
                .addKeyValue("generation", wanted.generation())
                .addKeyValue("pid", run.pid())
                .log(run.run() instanceof Run.Exited ? "instance can't start" : "instance started");
    }

    /** Targets that instances of the block have which can be shared. */
    private List<String> taken(String blockId) {
        return tracked.entrySet().stream()
                .filter(e -> e.getKey().blockId().equals(blockId))
                .flatMap(e ->
                        e.getValue().run instanceof RemoteInstance remote
                                        && !(remote.run() instanceof Run.Exited)
                                ? Stream.of(remote.address().target())
                                : Stream.empty())
                .toList();
    }

    private static void stop(Key key, Tracked instance, String reason) {
        InstanceRun run = instance.run;
        if (run != null && run.stop(reason)) {
            LOG.atInfo()
                    .addKeyValue("blockId", key.blockId())
                    .addKeyValue("instanceId", key.instanceId())
                    .addKeyValue("generation", run.generation())
                    .addKeyValue("reason", reason)
                    .log("instance stopped");
        }
    }

    /** Once per observation and generation, again only when it may not be in the log. */
    private static void report(Tracked instance, Reports reports, ReportInstance report) {
        String once = report.observation() + "-" + report.generation();
        CompletableFuture<?> before = instance.reports.get(once);
        if (before == null || before.isCompletedExceptionally()) {
            instance.reports.put(once, reports.report(report));
        }
    }

    private static ReportInstance report(
            DesiredInstance wanted,
            Observation observation,
            @Nullable InstanceAddress address,
            @Nullable Integer exitCode,
            @Nullable String detail) {
        return new ReportInstance(
                wanted.blockId(),
                wanted.instanceId(),
                wanted.generation(),
                observation,
                address,
                exitCode,
                detail);
    }

    private void stopAll() {
        List<InstanceRun> runs =
                tracked.values().stream().flatMap(t -> Stream.ofNullable(t.run)).toList();
        runs.forEach(run -> run.stop("the driver closes"));
        runs.forEach(InstanceRun::awaitExit);
    }
}

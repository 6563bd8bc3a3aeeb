package io.blockplane.policy;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.policy.format.PolicyArchive;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.graalvm.polyglot.Engine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all policies of a process share: GraalPy's engine with its parsed code, the standard
 * library, and the count of threads that could not be stopped. One per process; thread safe.
 */
public final class PolicyEngine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PolicyEngine.class);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
    private static final String VERSION_RESOURCE = "META-INF/graalvm/org.graalvm.polyglot/version";
    private static final String WARM_UP_RESOURCE = "io/blockplane/policy/warm_up.py";
    private static final String LANGUAGE = "python";
    private static final String INTERPRETER = "Interpreted";
    private static final int WARM_UP_CALLS = 10;

    private final Engine engine;
    private final FileTree library = new FileTree(new StandardLibrary().files());
    private final HeapWatch heap = new HeapWatch();
    private final Discards discards = new Discards();
    private final HttpGate http;
    private final String runtime;

    /**
     * When Python is compiled. It takes memory, processor time of its own, and a JVM that can
     * ({@code -XX:+EnableJVMCI} and the compiler on its module path).
     */
    public enum Compilation {
        NEVER,

        /** What is called some hundred times: for policies that decide many times a second. */
        SOON,

        /**
         * What is called some hundred times and long at work: nothing of what only a start runs.
         * For policies that decide now and then, but may have much to read.
         */
        LATE
    }

    /**
     * What an engine is made for.
     *
     * @param http where its policies may send requests
     */
    public record Options(Compilation compilation, HttpAccess http) {

        /** Interpreted, without network. */
        public static final Options DEFAULT = new Options(Compilation.NEVER, HttpAccess.NONE);
    }

    /**
     * Of {@link Compilation#LATE}. The loops of a function count as well, and some of GraalPy's own
     * for strings count a million at once; so it takes calls too. Importing calls a few functions
     * up to three hundred times.
     */
    private static final Map<String, String> LATE =
            Map.of(
                    "engine.DynamicCompilationThresholds", "false",
                    "engine.FirstTierCompilationThreshold", "20000",
                    "engine.LastTierCompilationThreshold", "40000",
                    "engine.FirstTierMinInvokeThreshold", "300",
                    "engine.MinInvokeThreshold", "600");

    private PolicyEngine(Engine engine, Options options, boolean compiles) {
        this.engine = engine;
        this.http = new HttpGate(options.http, InetAddress::getAllByName);
        String python =
                Objects.requireNonNull(engine.getLanguages().get(LANGUAGE), LANGUAGE).getVersion();
        this.runtime =
                "graalpy %s (Python %s), %s"
                        .formatted(
                                Resources.text(VERSION_RESOURCE).strip(),
                                python.substring(0, python.lastIndexOf('.')),
                                compiles ? "compiled" : "interpreted");
    }

    /** With {@link Options#DEFAULT}. */
    public static PolicyEngine create() {
        return create(Options.DEFAULT);
    }

    /** Takes about a second; the first policy takes some more, see {@link #warmUp}. */
    public static PolicyEngine create(Options options) {
        boolean wanted = options.compilation != Compilation.NEVER;
        Engine engine = builder().build();
        boolean can = !engine.getImplementationName().equals(INTERPRETER);
        if (wanted && !can) {
            LOG.atWarn()
                    .addKeyValue("implementation", engine.getImplementationName())
                    .log("policies run interpreted: this JVM can't compile them");
        }
        if (can && options.compilation != Compilation.SOON) {
            engine.close();
            // Only an engine that can compile knows these options.
            engine =
                    builder()
                            .allowExperimentalOptions(true)
                            .options(wanted ? LATE : Map.of("engine.Compilation", "false"))
                            .build();
        }
        PolicyEngine created = new PolicyEngine(engine, options, can && wanted);
        LOG.atInfo().addKeyValue("runtime", created.runtime).log("policy engine");
        return created;
    }

    private static Engine.Builder builder() {
        return Engine.newBuilder(LANGUAGE)
                // Said by runtime() in every record instead.
                .option("engine.WarnInterpreterOnly", "false")
                .logHandler(new EngineLog());
    }

    /** Language implementation, version and mode: {@code graalpy 25.0.3 (Python 3.12), ...}. */
    public String runtime() {
        return runtime;
    }

    /**
     * Loads what most policies need, in the background, by running one. Completes when the engine
     * is warm; nobody has to wait for it.
     */
    public CompletableFuture<Void> warmUp() {
        CompletableFuture<Void> warm = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .name("policy-warm-up")
                .start(() -> {
                    try {
                        runWarmUpPolicy();
                        warm.complete(null);
                    } catch (Throwable e) {
                        warm.completeExceptionally(e);
                    }
                });
        return warm;
    }

    /**
     * Threads of policies that could not be stopped and are running still. Each takes a processor
     * until the process ends.
     */
    public int abandonedThreads() {
        return discards.abandoned();
    }

    /** Ends all policies of this engine. Doesn't wait for those that can't be stopped. */
    @Override
    public void close() {
        http.close();
        Thread closer =
                Thread.ofPlatform()
                        .daemon()
                        .name("policy-engine-close")
                        .start(() -> engine.close(true));
        try {
            if (!closer.join(CLOSE_LIMIT)) {
                LOG.atWarn()
                        .addKeyValue("abandoned", abandonedThreads())
                        .log("policy engine not closed: a policy can't be stopped");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    HttpSource http() {
        return http;
    }

    Lane lane(String name) {
        return new Lane(name, heap);
    }

    Sandbox sandbox(PolicyArchive archive) {
        return new Sandbox(engine, library, archive);
    }

    void discard(Lane lane, @Nullable Sandbox sandbox) {
        discards.discard(lane, sandbox);
    }

    private void runWarmUpPolicy() {
        long started = System.nanoTime();
        PolicyArchive archive = PolicyArchive.ofFunction(Resources.text(WARM_UP_RESOURCE));
        PolicyAssignment assignment =
                PolicyAssignment.of(
                        this,
                        "warm-up",
                        Kind.SCALE,
                        null,
                        "builtin:warm-up",
                        archive,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT);
        try (RecordedPolicy policy =
                new RecordedPolicy(this, assignment, ChainPosition.START, PolicyLimits.PATIENT)) {
            PolicyDecided last = policy.init(0, MetricsSource.NONE);
            for (int i = 1; i <= WARM_UP_CALLS && policy.usable(); i++) {
                last = policy.eval(i, Json.EMPTY_OBJECT, MetricsSource.NONE);
            }
            if (last.outcome() != PolicyDecided.Outcome.RETURNED) {
                throw new IllegalStateException("warm-up: " + last.outcome() + " " + last.error());
            }
        }
        LOG.atInfo()
                .addKeyValue("ms", Duration.ofNanos(System.nanoTime() - started).toMillis())
                .log("policy engine is warm");
    }
}

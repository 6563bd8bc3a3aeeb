package io.blockplane.policy;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.document.Document;
import io.blockplane.policy.format.PolicyArchive;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.EnvironmentAccess;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.jspecify.annotations.Nullable;

/**
 * A confined Python interpreter with one policy object in it. Everything but {@link #kill} is
 * called on the policy's own thread.
 */
final class Sandbox {

    /**
     * Makes the seeds of a call what they are. Other words give other random numbers: changing this
     * makes recorded decisions of policies that use them impossible to execute again.
     */
    private static final String SEED_SALT = "blockplane-seed-v1";

    private static final String PRELUDE = "io/blockplane/policy/prelude/";

    /** In the order in which they are run; what they have in common is said in the first. */
    private static final List<String> PRELUDE_FILES =
            List.of(
                    "clock.py",
                    "randomness.py",
                    "machine.py",
                    "values.py",
                    "documents.py",
                    "http.py",
                    "calls.py",
                    "names.py",
                    "kinds.py",
                    "state_writer.py",
                    "state_reader.py");

    private static final String POLICY_FOLDER = "/policy/";

    private final Context context;
    private final PrintedLines stdout = new PrintedLines("stdout");
    private final PrintedLines stderr = new PrintedLines("stderr");
    private final Value room;
    private final Value init;
    private final Value evaluate;
    private final Value manage;
    private @Nullable Recording recording;
    private final GuestDocuments documents;
    private final GuestDocuments.Memory metrics = new GuestDocuments.Memory();
    private final GuestDocuments.Memory inputs = new GuestDocuments.Memory();

    /**
     * How a call ended.
     *
     * @param text of RETURNED: the result as JSON, empty for INIT; of all others: what was wrong
     */
    record Ended(Outcome outcome, String text) {}

    /** Makes the interpreter; no code of the policy's is run yet. */
    Sandbox(Engine engine, FileTree library, PolicyArchive archive) {
        this.context = confined(engine, library, archive);
        try {
            ProxyExecutable readMetrics = _ -> readMetrics();
            ProxyExecutable exchange = arguments -> exchange(arguments[0].asString());
            this.room =
                    prepare("room.py")
                            .execute(
                                    readMetrics,
                                    exchange,
                                    Recording.MAX_OUTPUT_BYTES,
                                    Recording.MAX_OUTPUT_DEPTH,
                                    Recording.MAX_INT_BITS,
                                    Recording.MAX_METRICS_READS,
                                    Recording.MAX_STATE_BYTES);
            PRELUDE_FILES.forEach(file -> prepare(file).execute(room));
            this.init = guest("init");
            this.evaluate = guest("evaluate");
            this.manage = guest("manage");
            this.documents = new GuestDocuments(this);
        } catch (RuntimeException e) {
            kill();
            throw e;
        }
    }

    /** Makes the policy object; the surroundings go into the settings. */
    Ended init(
            Recording effects,
            String seed,
            long timeMs,
            Json parameters,
            Json settings,
            Json surroundings) {
        return call(
                effects,
                init,
                seed,
                timeMs,
                parameters.text(),
                settings.text(),
                surroundings.text());
    }

    Ended evaluate(Recording effects, String seed, long timeMs, Json input) {
        begin(effects);
        try {
            return ended(evaluate.execute(seed, timeMs, documents.make(input, inputs)));
        } catch (PolyglotException e) {
            return stopped(e);
        } finally {
            end();
        }
    }

    Ended manage(Recording effects, String seed, long timeMs, String action, Json data) {
        return call(effects, manage, seed, timeMs, action, data.text());
    }

    /** Where all randomness of a call comes from. */
    static String seed(PolicyAssignment assignment, long sequence) {
        String place =
                String.join(
                        "|",
                        SEED_SALT,
                        assignment.blockId(),
                        assignment.kind().name(),
                        Long.toString(sequence));
        return DecisionChain.sha256(
                assignment.lane() == null ? place : place + "|" + assignment.lane());
    }

    /**
     * Stops whatever runs in here and gives all of it back. From any thread; may take long, and
     * never returns when the policy is inside something that can't be interrupted.
     */
    void kill() {
        context.close(true);
    }

    /** Runs one more file of the prelude, for what decisions don't need. */
    void add(String file) {
        prepare(file).execute(room);
    }

    /** Writes the state of the policy object down: the text of RETURNED. */
    Ended snapshot(Recording effects, String seed, long timeMs) {
        return call(effects, guest("snapshot"), seed, timeMs);
    }

    /** Gives the policy object a state that was written down. */
    Ended restore(Recording effects, String seed, long timeMs, Json state) {
        return call(effects, guest("restore"), seed, timeMs, state.text());
    }

    /** What a file of the prelude left in the room under this name. */
    Value guest(String name) {
        return room.getMember(name);
    }

    /** What crosses the border from now on belongs to this call. */
    void begin(Recording effects) {
        recording = effects;
        effects.start();
        stdout.begin(effects);
        stderr.begin(effects);
    }

    /** The call is at its end. */
    void end() {
        stdout.end();
        stderr.end();
        recording = null;
    }

    /**
     * One call of a function of the prelude that answers how it ended and a text.
     *
     * @param function one of {@link #guest}
     */
    Ended call(Recording effects, Value function, Object... arguments) {
        begin(effects);
        try {
            return ended(function.execute(arguments));
        } catch (PolyglotException e) {
            return stopped(e);
        } finally {
            end();
        }
    }

    static Ended ended(Value answer) {
        return new Ended(
                Outcome.valueOf(answer.getArrayElement(0).asString()),
                answer.getArrayElement(1).asString());
    }

    static Ended stopped(PolyglotException e) {
        return new Ended(Outcome.BROKEN, reason(e));
    }

    /** Adds to the room what one more file of the prelude makes of it and the callables. */
    void furnish(String file, ProxyExecutable... callables) {
        Object[] arguments = new Object[callables.length + 1];
        arguments[0] = room;
        System.arraycopy(callables, 0, arguments, 1, callables.length);
        prepare(file).execute(arguments);
    }

    private @Nullable Object readMetrics() {
        Document document = recording == null ? null : recording.readMetrics();
        return document == null ? null : documents.make(document, metrics);
    }

    private String exchange(String ask) {
        return recording == null ? "{}" : recording.exchange(ask);
    }

    /** Why the interpreter itself ended a call. */
    static String reason(PolyglotException e) {
        if (e.isExit()) {
            return "the policy ended its interpreter with status " + e.getExitStatus();
        }
        if (e.isResourceExhausted()) {
            return "out of memory or stack: " + e.getMessage();
        }
        if (e.isInternalError()) {
            return "refused by the sandbox: " + e.getMessage();
        }
        return "stopped: " + e.getMessage();
    }

    private Context confined(Engine engine, FileTree library, PolicyArchive archive) {
        Path code = Path.of(POLICY_FOLDER + PolicyArchive.CODE_FOLDER);
        ReadOnlyFiles files = new ReadOnlyFiles(List.of(library, tree(archive)), code);
        return Context.newBuilder("python")
                .engine(engine)
                .allowExperimentalOptions(true)
                .options(pythonOptions())
                .allowHostAccess(HostAccess.NONE)
                .allowHostClassLookup(_ -> false)
                .allowHostClassLoading(false)
                .allowNativeAccess(false)
                .allowCreateThread(false)
                .allowCreateProcess(false)
                .allowInnerContextOptions(false)
                .allowPolyglotAccess(PolyglotAccess.NONE)
                .allowEnvironmentAccess(EnvironmentAccess.NONE)
                .allowIO(IOAccess.newBuilder().fileSystem(files).build())
                .currentWorkingDirectory(code)
                .useSystemExit(false)
                .in(InputStream.nullInputStream())
                .out(stdout)
                .err(stderr)
                .timeZone(ZoneOffset.UTC)
                .build();
    }

    private static Map<String, String> pythonOptions() {
        Map<String, String> options = new HashMap<>();
        options.put("python.PosixModuleBackend", "java");
        options.put("python.PythonHome", StandardLibrary.HOME);
        options.put("python.SysPrefix", StandardLibrary.HOME);
        options.put("python.SysBasePrefix", StandardLibrary.HOME);
        options.put("python.StdLibHome", StandardLibrary.LIBRARY);
        options.put("python.CoreHome", StandardLibrary.CORE);
        options.put("python.CAPI", StandardLibrary.CORE);
        options.put("python.IgnoreEnvironmentFlag", "true");
        options.put("python.IsolateFlag", "true");
        options.put("python.NoUserSiteFlag", "true");
        options.put("python.DontWriteBytecodeFlag", "true");
        // Each of these would let a run see something that another run doesn't.
        options.put("python.HashSeed", "0");
        options.put("python.InitialLocale", "en_US");
        options.put("python.NoAsyncActions", "true");
        options.put("python.BackgroundGCTask", "false");
        // So that a line is recorded when it is printed.
        options.put("python.UnbufferedIO", "true");
        options.put("python.StandardStreamEncoding", "utf-8:backslashreplace");
        options.put("python.WarnExperimentalFeatures", "false");
        return options;
    }

    private static FileTree tree(PolicyArchive archive) {
        Map<String, Supplier<byte[]>> files = new HashMap<>();
        archive.files().forEach((path, content) -> files.put(POLICY_FOLDER + path, () -> content));
        return new FileTree(files);
    }

    /** Runs a file of the prelude and takes its one function away from the policy. */
    Value prepare(String file) {
        context.eval(
                Source.newBuilder("python", Resources.text(PRELUDE + file), "prelude/" + file)
                        .cached(true)
                        .buildLiteral());
        Value bindings = context.getBindings("python");
        Value prepare = bindings.getMember("prepare");
        bindings.removeMember("prepare");
        return prepare;
    }
}

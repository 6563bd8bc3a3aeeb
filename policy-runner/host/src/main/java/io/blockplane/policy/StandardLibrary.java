package io.blockplane.policy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Python's standard library as policies see it, straight from GraalPy's jar: always at {@value
 * #HOME}, whatever machine and user this is, so that a traceback through it is the same text
 * everywhere. Nothing is unpacked to a disk. Native modules are left out. Contents are read when
 * first asked for, and shared by all policies of an engine.
 */
final class StandardLibrary {

    /** What {@code sys.prefix} says. */
    static final String HOME = "/python";

    /** The modules written in Python. */
    static final String LIBRARY = HOME + "/lib/python";

    /** GraalPy's own modules. */
    static final String CORE = HOME + "/lib/graalpy";

    private static final String RESOURCES = "META-INF/resources/";
    private static final Map<String, String> FOLDERS =
            Map.of("libpython", LIBRARY, "libgraalpy", CORE);

    /** What policies import beside the standard library: our own, of the names that they know. */
    private static final String OWN_FOLDER = "io/blockplane/policy/library/";

    private static final List<String> OWN =
            List.of(
                    "requests/__init__.py",
                    "requests/adapters.py",
                    "requests/auth.py",
                    "requests/exceptions.py",
                    "requests/models.py",
                    "requests/sessions.py",
                    "requests/structures.py");

    private final Map<String, byte[]> contents = new ConcurrentHashMap<>();

    /**
     * Every file of it, by path.
     *
     * @throws IllegalStateException when GraalPy's resources are not on the class path
     */
    Map<String, Supplier<byte[]>> files() {
        Map<String, Supplier<byte[]>> files = new HashMap<>();
        FOLDERS.forEach((folder, target) -> addFolder(folder, target, files));
        for (String module : OWN) {
            files.put(
                    LIBRARY + "/" + module,
                    () -> contents.computeIfAbsent(OWN_FOLDER + module, Resources::bytes));
        }
        return files;
    }

    /** Each line of a list: {@code META-INF/resources/<folder>/<path> = <permissions>}. */
    private void addFolder(String folder, String target, Map<String, Supplier<byte[]>> files) {
        String prefix = RESOURCES + folder + "/";
        String list = Resources.text(RESOURCES + folder + ".files");
        list.lines()
                .map(line -> line.substring(0, line.lastIndexOf(" = ")))
                .filter(name -> name.startsWith(prefix))
                .forEach(name ->
                        files.put(
                                target + "/" + name.substring(prefix.length()),
                                () -> contents.computeIfAbsent(name, Resources::bytes)));
    }
}

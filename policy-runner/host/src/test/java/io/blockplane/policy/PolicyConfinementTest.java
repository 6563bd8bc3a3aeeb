package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedEngine.class)
class PolicyConfinementTest {

    /**
     * What a policy may try, and what it gets to see. Each is caught, so that it is reproducible.
     */
    private static final List<List<String>> ATTEMPTS =
            List.of(
                    List.of("open('/etc/passwd')", "FileNotFoundError"),
                    List.of("open('/proc/self/environ')", "FileNotFoundError"),
                    List.of("open('../../etc/passwd')", "FileNotFoundError"),
                    List.of("open('/policy/code/new', 'w')", "PermissionError"),
                    List.of("open('/policy/code/function.py', 'a')", "PermissionError"),
                    List.of("os.remove('/policy/code/function.py')", "PermissionError"),
                    List.of("os.mkdir('/policy/x')", "PermissionError"),
                    List.of("os.symlink('/etc', '/policy/x')", "PermissionError"),
                    List.of("os.rename('/policy/code', '/policy/x')", "PermissionError"),
                    List.of("os.chmod('/policy/code', 0o777)", "PermissionError"),
                    List.of("__import__('tempfile').TemporaryFile()", "FileNotFoundError"),
                    List.of("os.system('touch OUTSIDE')", "PermissionError"),
                    List.of("os.popen('touch OUTSIDE')", "PermissionError"),
                    List.of(
                            "__import__('subprocess').run(['touch', 'OUTSIDE'])",
                            "PermissionError"),
                    List.of("os.execv('/bin/touch', ['touch', 'OUTSIDE'])", "PermissionError"),
                    List.of("os.fork()", "PermissionError|AttributeError"),
                    List.of("os.kill(1, 9)", "PermissionError"),
                    List.of("os._exit(0)", "PermissionError"),
                    List.of("os.abort()", "PermissionError|AttributeError"),
                    List.of("__import__('socket').socket()", "PermissionError"),
                    List.of(
                            "__import__('socket').create_connection(('127.0.0.1', 1))",
                            "PermissionError"),
                    List.of(
                            "__import__('http.client').client.HTTPConnection('localhost').connect()",
                            "PermissionError"),
                    List.of("__import__('threading').Thread(target=print).start()", "RuntimeError"),
                    List.of("__import__('_thread').start_new_thread(print, ())", "RuntimeError"),
                    List.of("__import__('java').type('java.lang.System')", "KeyError"),
                    List.of("__import__('java').type('java.io.File')", "KeyError"),
                    List.of(
                            "__import__('polyglot').eval(language='python', string='1')",
                            "RuntimeError"),
                    List.of("__import__('polyglot').import_value('x')", "NotImplementedError"),
                    List.of("__import__('ctypes').CDLL(None)", "ImportError"),
                    List.of("__import__('signal').signal(15, lambda *_: None)", "PermissionError"),
                    List.of("__import__('_signal').signal(15, 1)", "PermissionError"),
                    List.of(
                            "importlib.reload(__import__('_signal')).signal(15, 1)",
                            "PermissionError"),
                    List.of(
                            "[sys.modules.pop('_signal'), __import__('_signal').signal(15, 1)]",
                            "PermissionError"),
                    List.of(
                            "__import__('signal').raise_signal(15)",
                            "PermissionError|AttributeError"),
                    List.of("__import__('resource').getrusage(0)", "PermissionError"),
                    List.of("__import__('numpy')", "ModuleNotFoundError"));

    @TempDir Path folder;

    @Test
    void refusesEveryWayOutAsAnExceptionThatAPolicyCanCatch(PolicyEngine engine)
            throws IOException {
        Path outside = folder.resolve("touched");
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            for (List<String> attempt : ATTEMPTS) {
                String code = attempt.getFirst().replace("OUTSIDE", outside.toString());
                PolicyDecided decision =
                        Policies.run(
                                line,
                                """
                                import importlib, os, sys
                                try:
                                    result = %s
                                except Exception as e:
                                    tell(type(e).__name__)
                                tell(f"it worked: {result!r}")
                                """
                                        .formatted(code));
                assertThat(decision.action().reason())
                        .as("%s: %s", code, decision.error())
                        .matches(attempt.getLast());
                assertThat(decision.incarnation()).as(code).isEqualTo(1);
            }
        }
        assertThat(Files.exists(outside)).isFalse();
    }

    @Test
    void showsNothingOfTheMachine(PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            assertThat(
                            Policies.run(
                                            line,
                                            """
                                            import os, sys, platform
                                            tell([os.listdir("/"), os.listdir("."), os.getpid(),
                                                  os.cpu_count(), platform.node(), sys.prefix,
                                                  os.path.exists("/tmp"), sorted(os.environ)])
                                            """)
                                    .action()
                                    .reason())
                    .isEqualTo(
                            "[['python', 'policy'], ['function.py'], 1, 1, 'policy', '/python',"
                                    + " False, ['UNSAFE_PYO3_SKIP_VERSION_CHECK']]");
            PolicyDecided everything =
                    Policies.run(line, "import os, sys\ntell([vars(os), vars(sys)])");
            assertThat(everything.outcome()).isNotEqualTo(Outcome.BROKEN);
            assertThat(everything.toString())
                    .doesNotContain(System.getProperty("user.home") + "/")
                    .doesNotContain(System.getProperty("user.dir"));
        }
    }

    @Test
    void breaksAPolicyThatUsesWhatTheSandboxDoesNotHave(PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            PolicyDecided decision =
                    Policies.run(
                            line,
                            "import multiprocessing\n"
                                    + "multiprocessing.Process(target=print).start()");
            assertThat(decision.outcome()).isIn(Outcome.BROKEN, Outcome.RAISED);
            assertThat(Policies.run(line, "tell('on')").action().reason()).isEqualTo("on");
        }
    }
}

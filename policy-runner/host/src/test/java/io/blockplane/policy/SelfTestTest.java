package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.PolicyDecided.Printed;
import io.blockplane.policy.SelfTest.Case;
import io.blockplane.policy.SelfTest.Ended;
import io.blockplane.policy.format.PolicyArchive;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedEngine.class)
class SelfTestTest {

    private static final String FUNCTION =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.n = parameters.get("n", 1)
                def eval(self, parameters, input_data, context):
                    return {"n": self.n}
            """;

    @Test
    void runsTestsOfBothKindsInTheSandbox(PolicyEngine engine) {
        SelfTest.Result result =
                run(
                        engine,
                        "code/test_function.py",
                        """
                        import unittest
                        from unittest import mock
                        import function

                        class RuleTest(unittest.TestCase):
                            def setUp(self):
                                self.rule = function.AIOSv1PolicyRule("", {}, {"n": 3})

                            def test_returns_n(self):
                                self.assertEqual({"n": 3}, self.rule.eval({}, {}, None))

                            def test_is_wrong(self):
                                self.assertEqual({"n": 4}, self.rule.eval({}, {}, None))

                            @unittest.skip("not now")
                            def test_later(self):
                                raise KeyError("never")

                            def test_patches(self):
                                import time
                                with mock.patch("time.time", lambda: 7):
                                    assert time.time() == 7

                        class TestPlain:
                            def setup_method(self, method):
                                self.rule = function.AIOSv1PolicyRule("", {}, {})

                            def test_default(self):
                                assert self.rule.n == 1

                        def test_bare():
                            print("looking")
                            n = 2
                            assert n == 1

                        def test_fixture(tmp_path):
                            pass
                        """,
                        "code/tests/test_open.py",
                        """
                        def test_no_files():
                            try:
                                open("/etc/passwd")
                            except OSError:
                                return
                            assert False, "read it"
                        """,
                        "code/test_broken.py",
                        "import pytest\n");

        assertThat(result.error()).isNull();
        assertThat(result.passed()).isFalse();
        assertThat(result.cases())
                .containsExactly(
                        new Case(
                                "code/test_broken.py",
                                Ended.FAILED,
                                "ModuleNotFoundError: No module named 'pytest'"
                                        + " (code/test_broken.py line 1 in <module>)"),
                        new Case(
                                "code/test_function.py::RuleTest::test_is_wrong",
                                Ended.FAILED,
                                "AssertionError: {'n': 4} != {'n': 3}\n- {'n': 4}\n?       ^\n\n+"
                                        + " {'n': 3}\n?       ^\n (code/test_function.py line"
                                        + " 13 in test_is_wrong): self.assertEqual({\"n\": 4},"
                                        + " self.rule.eval({}, {}, None))"),
                        new Case(
                                "code/test_function.py::RuleTest::test_later",
                                Ended.SKIPPED,
                                "not now"),
                        new Case("code/test_function.py::RuleTest::test_patches", Ended.PASSED, ""),
                        new Case(
                                "code/test_function.py::RuleTest::test_returns_n",
                                Ended.PASSED,
                                ""),
                        new Case(
                                "code/test_function.py::TestPlain::test_default", Ended.PASSED, ""),
                        new Case(
                                "code/test_function.py::test_bare",
                                Ended.FAILED,
                                "AssertionError (code/test_function.py line 34 in test_bare):"
                                        + " assert n == 1"),
                        new Case(
                                "code/test_function.py::test_fixture",
                                Ended.FAILED,
                                "TypeError: needs tmp_path (expected: no arguments; there are no"
                                        + " fixtures)"),
                        new Case("code/tests/test_open.py::test_no_files", Ended.PASSED, ""));
        assertThat(result.printed()).containsExactly(new Printed("stdout", "looking"));
    }

    @Test
    void stopsTestsThatDoNotEnd(PolicyEngine engine) {
        SelfTest.Result result =
                SelfTest.run(
                        engine,
                        archive("code/test_loop.py", "def test_loop():\n    while True: pass\n"),
                        Policies.NOON,
                        Duration.ofSeconds(8));
        assertThat(result.passed()).isFalse();
        assertThat(result.error()).isEqualTo("no result within 8000 ms");
    }

    @Test
    void isFineWithoutTests(PolicyEngine engine) {
        assertThat(run(engine)).isEqualTo(new SelfTest.Result(List.of(), List.of(), null));
    }

    private static SelfTest.Result run(PolicyEngine engine, String... files) {
        return SelfTest.run(engine, archive(files), Policies.NOON, Duration.ofMinutes(2));
    }

    private static PolicyArchive archive(String... files) {
        SortedMap<String, byte[]> all = new TreeMap<>();
        all.put(PolicyArchive.ENTRY_POINT, FUNCTION.getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < files.length; i += 2) {
            all.put(files[i], files[i + 1].getBytes(StandardCharsets.UTF_8));
        }
        return PolicyArchive.of(all).orElseThrow();
    }
}

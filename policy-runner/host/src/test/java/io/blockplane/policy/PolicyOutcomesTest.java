package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.Outcome;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A policy that raises, returns rubbish, or never returns harms nobody. */
@ExtendWith(SharedEngine.class)
class PolicyOutcomesTest {

    @Test
    void recordsWhatAPolicyRaisesAndGoesOn(PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            ended(
                    line,
                    "self.n = 1; {}['zz']",
                    Outcome.RAISED,
                    "KeyError: 'zz' (code/function.py line 22 in eval)");
            ended(line, "raise SystemExit(4)", Outcome.RAISED, "SystemExit: 4 (");
            ended(line, "import sys; sys.exit()", Outcome.RAISED, "SystemExit: None (");
            ended(line, "raise KeyboardInterrupt", Outcome.RAISED, "KeyboardInterrupt (");
            ended(
                    line,
                    "raise ValueError('one\\n\\n  two \\ud800')",
                    Outcome.RAISED,
                    "ValueError: one two ? (");
            ended(line, "raise ValueError('x' * 5000)", Outcome.RAISED, "ValueError: xxx");
            ended(
                    line,
                    "class E(Exception):\n  def __str__(self): 1/0\nraise E()",
                    Outcome.RAISED,
                    "E: (its text can't be had) (");
            PolicyDecided last = Policies.run(line, "tell(self.n)");
            assertThat(last.action().reason()).as("the object is the same").isEqualTo("1");
            assertThat(last.incarnation()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "class AIOSv1PolicyRule | RAISED | SyntaxError: ",
                "x = 1 | UNUSABLE | code/function.py: no class AIOSv1PolicyRule",
                "import numpy | RAISED | ModuleNotFoundError: No module named 'numpy'"
                        + " (code/function.py line 1",
                "class AIOSv1PolicyRule: pass | RAISED | TypeError: ",
                "raise SystemExit(1) | RAISED | SystemExit: 1"
            })
    void recordsAnInitThatFailsAndTriesAgainAtTheNextCall(
            String source, Outcome outcome, String error, PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, source, Policies.LIMITS)) {
            for (int attempt = 1; attempt <= 2; attempt++) {
                List<PolicyDecided> records =
                        line.eval(attempt, Json.EMPTY_OBJECT, MetricsSource.NONE);
                assertThat(records).hasSize(1);
                PolicyDecided init = records.getFirst();
                assertThat(init.call()).isEqualTo(Call.INIT);
                assertThat(init.outcome()).isEqualTo(outcome);
                assertThat(init.error()).startsWith(error);
                assertThat(init.action().operation()).isEqualTo(Operation.NONE);
                assertThat(init.sequence()).isEqualTo(attempt - 1);
                assertThat(init.incarnation()).isEqualTo(attempt);
            }
        }
    }

    @Test
    void stopsWhatDoesNotReturnAndBeginsAgain(PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.TIGHT);
                PolicyLine other = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            assertThat(Policies.run(other, "tell(1)").outcome()).isEqualTo(Outcome.RETURNED);
            ended(line, "while True: pass", Outcome.TIMED_OUT, "no result within 1500 ms");
            ended(
                    line,
                    "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
                    Outcome.TIMED_OUT,
                    "no result");
            ended(
                    line,
                    "import threading\nlock = threading.Lock()\nlock.acquire(); lock.acquire()",
                    Outcome.TIMED_OUT,
                    "no result");
            PolicyDecided endless = Policies.run(line, "print('before')\nwhile True: print(1)");
            assertThat(endless.outcome()).isEqualTo(Outcome.TIMED_OUT);
            assertThat(Policies.printed(endless)).startsWith("stdout: before").hasSize(201);
            assertThat(endless.incarnation()).isEqualTo(4);

            List<PolicyDecided> next =
                    line.eval(Policies.NOON, Policies.code("tell('back')"), MetricsSource.NONE);
            assertThat(next).extracting(PolicyDecided::call).containsExactly(Call.INIT, Call.EVAL);
            assertThat(next.getLast().action().reason()).isEqualTo("back");
            assertThat(next.getLast().incarnation()).isEqualTo(5);
            assertThat(next.getFirst().sequence()).isEqualTo(endless.sequence() + 1);
            assertThat(Policies.run(other, "tell(2)").incarnation())
                    .as("nobody else noticed")
                    .isEqualTo(1);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> engine.abandonedThreads() == 0);
        }
    }

    @Test
    void abandonsAThreadThatCanNotBeStoppedAndCountsIt() {
        // An engine of its own, which is closed with the thread still running.
        try (PolicyEngine engine = PolicyEngine.create();
                PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.TIGHT)) {
            // Ends by itself after a while, so that it doesn't slow the other tests down for long.
            ended(
                    line,
                    "import itertools\nmin(itertools.repeat(1, 10**8))",
                    Outcome.TIMED_OUT,
                    "no result");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> engine.abandonedThreads() == 1);
            PolicyDecided next = Policies.run(line, "tell('on')");
            assertThat(next.action().reason()).as("meanwhile it goes on").isEqualTo("on");
        }
    }

    @Test
    void stopsWhatTakesTooMuchAndKeepsTheHeapForTheOthers(PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS);
                PolicyLine other = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            Policies.run(other, "self.n = 7");
            ended(line, "x = [0] * 10**9", Outcome.BROKEN, "MemoryError");
            PolicyDecided bomb =
                    Policies.run(
                            line,
                            """
                            x = []
                            while True:
                                try: x.append(bytearray(1_000_000))
                                except MemoryError: pass
                            """);
            assertThat(bomb.outcome()).isEqualTo(Outcome.BROKEN);
            assertThat(bomb.error()).isEqualTo("the heap is nearly full");
            ended(line, "def f(): return f()\nf()", Outcome.BROKEN, "RecursionError");
            assertThat(Policies.run(other, "tell(self.n)").action().reason()).isEqualTo("7");
            assertThat(Policies.run(line, "tell('on')").action().reason()).isEqualTo("on");
        }
    }

    private static void ended(PolicyLine line, String code, Outcome outcome, String error) {
        PolicyDecided decision = Policies.run(line, code);
        assertThat(decision.outcome()).as(decision.toString()).isEqualTo(outcome);
        assertThat(decision.error()).startsWith(error).hasSizeLessThan(1_050);
        assertThat(decision.action()).isEqualTo(PolicyDecided.ScaleAction.none(null));
        assertThat(decision.fallbacks()).containsExactly("no action: " + decision.error());
    }
}

package io.blockplane.replay.gate;

import io.blockplane.simulator.result.BacktestResult.Estimate;
import java.util.List;

/** What the gate says. */
public sealed interface GateAnswer {

    /** For the shell: 0 pass, 1 fail, 2 can't say. */
    int exitCode();

    /**
     * It was judged.
     *
     * @param sloLossPoints lost of requests on time, percentage points; its {@code high} has to
     *     keep the limit
     * @param costPercent above the incumbent's; its {@code high} has to keep the limit
     * @param caveats what a reader should know beside it
     */
    record Judged(
            String candidate,
            String incumbent,
            Estimate sloLossPoints,
            boolean sloKept,
            Estimate costPercent,
            boolean costKept,
            List<String> caveats)
            implements GateAnswer {
        public Judged {
            caveats = List.copyOf(caveats);
        }

        public boolean passed() {
            return sloKept && costKept;
        }

        @Override
        public int exitCode() {
            return passed() ? 0 : 1;
        }
    }

    /** It can't be said, and why. */
    record Unknown(List<String> reasons) implements GateAnswer {
        public Unknown {
            reasons = List.copyOf(reasons);
        }

        @Override
        public int exitCode() {
            return 2;
        }
    }
}

package io.blockplane.executor.resp;

/** The tasks that instances have in their hands, by the number in their packets. */
public interface Answers {

    /** An instance's answer; false when nobody waits for it (any more). */
    boolean answered(byte[] packet);

    /** Whether somebody waits for the answer to this task. */
    boolean inHand(long number);

    /** Whoever had the task is gone. */
    void lost(long number, String detail);
}

package io.blockplane.runner;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** What this process spent from its start to its first evaluation of a policy. Thread safe. */
final class FirstDecision {

    private final CompletableFuture<Duration> cpuTime = new CompletableFuture<>();

    /** An evaluation is durable; all but the first change nothing. */
    void made() {
        if (!cpuTime.isDone()) {
            ProcessHandle.current().info().totalCpuDuration().ifPresent(cpuTime::complete);
        }
    }

    /** Processor time of all threads; never completes where the system doesn't tell. */
    CompletableFuture<Duration> cpuTime() {
        return cpuTime.copy();
    }
}

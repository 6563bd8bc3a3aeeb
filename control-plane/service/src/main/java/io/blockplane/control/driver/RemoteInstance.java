package io.blockplane.control.driver;

import io.blockplane.events.InstanceAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One run of an instance that is a server of others: it is asked until it answers, and then handed
 * out. Nothing is started, and to stop it only ends that it is an instance.
 */
final class RemoteInstance implements InstanceRun {

    private static final Duration ASK_EVERY = Duration.ofMillis(500);

    private final int generation;
    private final InstanceAddress address;
    private final Runnable changed;
    private final long begunNanos = System.nanoTime();
    private volatile Run run;
    private volatile @Nullable Long servingSinceNanos;

    private RemoteInstance(int generation, InstanceAddress address, Run run, Runnable changed) {
        this.generation = generation;
        this.address = address;
        this.run = run;
        this.changed = changed;
        this.servingSinceNanos = run instanceof Run.Serving ? begunNanos : null;
    }

    /**
     * Waits for it to answer.
     *
     * @param changed called when its run stands otherwise than before, on any thread
     */
    static RemoteInstance start(
            int generation, InstanceAddress address, HealthCheck health, Runnable changed) {
        RemoteInstance started =
                new RemoteInstance(generation, address, new Run.Starting(), changed);
        Thread.ofVirtual()
                .name("health-" + address.healthUrl())
                .start(() -> started.awaitServing(health));
        return started;
    }

    /** One that the log has serving: it went on when the driver that said so did not. */
    static RemoteInstance adopt(int generation, InstanceAddress address, Runnable changed) {
        return new RemoteInstance(generation, address, new Run.Serving(address), changed);
    }

    InstanceAddress address() {
        return address;
    }

    @Override
    public int generation() {
        return generation;
    }

    @Override
    public Run run() {
        return run;
    }

    @Override
    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - begunNanos);
    }

    @Override
    public Duration served() {
        Long since = servingSinceNanos;
        return since == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    @Override
    public @Nullable Long pid() {
        return null;
    }

    @Override
    public boolean stop(String reason) {
        return become(new Run.Exited(null, address.healthUrl() + ": " + reason));
    }

    @Override
    public void awaitExit() {
        // It had when it was stopped.
    }

    private void awaitServing(HealthCheck health) {
        try {
            while (run instanceof Run.Starting) {
                if (health.responds(address.healthUrl())) {
                    servingSinceNanos = System.nanoTime();
                    become(new Run.Serving(address));
                    return;
                }
                Thread.sleep(ASK_EVERY);
            }
        } catch (InterruptedException e) {
            stop("interrupted");
        }
    }

    /** Whether it did: a run that has exited stays so. */
    private boolean become(Run next) {
        synchronized (this) {
            if (run instanceof Run.Exited) {
                return false;
            }
            run = next;
        }
        changed.run();
        return true;
    }
}

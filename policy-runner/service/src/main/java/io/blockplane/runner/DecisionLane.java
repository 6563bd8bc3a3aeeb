package io.blockplane.runner;

import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.Command.PolicyCall;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line of decisions, on a thread of its own: hands what happens to its {@link Decider}, and
 * goes on when what was decided is durable. Probes and calls are taken in their order, all of them;
 * windows that close while a decision is being made are skipped for the newest.
 */
final class DecisionLane implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DecisionLane.class);

    /** Probes and calls that may wait; what comes on top is refused, and said to be. */
    private static final int MAIL = 10_000;

    private final LineKey key;
    private final Shared shared;
    private final Decider decider;
    private final ConcurrentLinkedQueue<Mail> mail = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicReference<@Nullable WindowClosed> newest = new AtomicReference<>();
    private final Semaphore arrived = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closing;
    private volatile @Nullable Throwable failure;

    private sealed interface Mail {
        record Probe(Envelope<ProbeRecorded> probe) implements Mail {}

        record Requested(Envelope<InstanceRequested> requested) implements Mail {}

        record Call(LogRecord<Event> record, PolicyCall call) implements Mail {}
    }

    private DecisionLane(LineKey key, Shared shared, Decider decider) {
        this.key = key;
        this.shared = shared;
        this.decider = decider;
        this.thread = Thread.ofVirtual().name("lane-" + key).unstarted(this::run);
    }

    static DecisionLane start(LineKey key, Shared shared, Decider decider) {
        DecisionLane lane = new DecisionLane(key, shared, decider);
        lane.thread.start();
        return lane;
    }

    /** Never blocks, as the others here. */
    void offer(WindowClosed window) {
        newest.set(window);
        arrived.release();
    }

    void offerProbe(Envelope<ProbeRecorded> probe) {
        post(new Mail.Probe(probe));
    }

    void offerRequested(Envelope<InstanceRequested> requested) {
        post(new Mail.Requested(requested));
    }

    void offerCall(LogRecord<Event> record, PolicyCall call) {
        post(new Mail.Call(record, call));
    }

    /** Why nothing is decided here any more; null while all is well. */
    @Nullable Throwable failure() {
        return failure;
    }

    @Override
    public void close() {
        closing = true;
        arrived.release();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        decider.close();
    }

    private void post(Mail letter) {
        if (waiting.incrementAndGet() > MAIL) {
            waiting.decrementAndGet();
            LOG.atWarn()
                    .addKeyValue("line", key)
                    .addKeyValue("letter", letter)
                    .addKeyValue("waiting", MAIL)
                    .log("lane is overloaded: refused");
            return;
        }
        mail.add(letter);
        arrived.release();
    }

    private void run() {
        while (!closing) {
            try {
                arrived.acquire();
                arrived.drainPermits();
                takeAll();
            } catch (InterruptedException e) {
                return;
            } catch (ExecutionException | RuntimeException e) {
                failure = e;
                // The writer is broken, or this is a bug: either way the policy's state is ahead of
                // the log.
                LOG.atError()
                        .addKeyValue("line", key)
                        .setCause(e)
                        .log("lane stopped: this runner decides nothing here any more");
                return;
            }
        }
    }

    private void takeAll() throws InterruptedException, ExecutionException {
        for (Mail letter = mail.poll(); letter != null && !closing; letter = mail.poll()) {
            waiting.decrementAndGet();
            switch (letter) {
                case Mail.Probe(Envelope<ProbeRecorded> probe) -> decider.onProbe(probe);
                case Mail.Requested(Envelope<InstanceRequested> requested) ->
                        write(decider.onRequested(requested));
                case Mail.Call(LogRecord<Event> record, PolicyCall call) ->
                        write(decider.onCall(record, call));
            }
        }
        WindowClosed window = newest.getAndSet(null);
        if (window != null && !closing) {
            write(decider.onWindow(window));
        }
    }

    private void write(List<Envelope<? extends Event>> events)
            throws InterruptedException, ExecutionException {
        if (events.isEmpty()) {
            return;
        }
        shared.writer().append(events).get();
        for (Envelope<? extends Event> event : events) {
            if (event.event() instanceof PolicyDecided decided) {
                shared.recent().add(decided);
                if (decided.call() == PolicyDecided.Call.EVAL) {
                    shared.first().made();
                }
            }
        }
    }
}

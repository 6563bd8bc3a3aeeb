package io.blockplane.load;

import io.blockplane.proto.aios.AIOSPacket;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run of load.
 *
 * <p>{@link #open} is an open loop: requests leave at their planned times whether or not earlier
 * ones were answered, and latency counts from the planned time (no coordinated omission). Bounded:
 * above the limit of open requests a planned one is counted as {@link LoadReport#NOT_SENT}. {@link
 * #closed} keeps a number of requests open, each sent when one ends: for the most that a server can
 * do, and for its latency without a queue.
 */
public final class LoadRun {

    private static final long SECOND = 1_000_000_000L;

    private final Sender sender;
    private final Packets packets;
    private final Settings settings;
    private volatile boolean stopped;

    /** Hears each request's end, on the event loop: must not block. */
    @FunctionalInterface
    public interface Observer {
        void ended(AIOSPacket sent, Answer.Ended ended);
    }

    /**
     * How it runs.
     *
     * @param requestLimit after which a request has failed
     * @param maxOpen requests without an answer at any time
     * @param observer of each end
     * @param perSecond hears about once a second how it stands
     */
    public record Settings(
            Duration requestLimit, int maxOpen, Observer observer, Consumer<Progress> perSecond) {

        public static final Settings DEFAULT =
                new Settings(Duration.ofSeconds(30), 10_000, (_, _) -> {}, _ -> {});

        public Settings {
            if (!requestLimit.isPositive()) {
                throw new IllegalArgumentException(
                        "requestLimit: " + requestLimit + " (expected: more than 0)");
            }
            if (maxOpen < 1) {
                throw new IllegalArgumentException("maxOpen: " + maxOpen + " (expected: >= 1)");
            }
        }

        public Settings observedBy(Observer other) {
            return new Settings(requestLimit, maxOpen, other, perSecond);
        }
    }

    public LoadRun(Sender sender, Packets packets, Settings settings) {
        this.sender = sender;
        this.packets = packets;
        this.settings = settings;
    }

    /** Ends the run early: nothing more is sent, what was sent is waited for. Any thread. */
    public void stop() {
        stopped = true;
    }

    /** Sends what the schedule says and waits for the answers. */
    public LoadReport open(Schedule schedule) throws IOException, InterruptedException {
        Semaphore open = new Semaphore(settings.maxOpen());
        long start = System.nanoTime();
        long nextReport = start + SECOND;
        Tally tally = new Tally(start);
        long number = 0;
        for (Arrival arrival = schedule.next();
                arrival != null && !stopped;
                arrival = schedule.next()) {
            AIOSPacket.Builder packet = packets.packet(arrival, number++);
            long due = start + arrival.atNanos();
            nextReport = pause(due, nextReport, tally, open);
            if (stopped) {
                break;
            }
            tally.planned();
            if (open.tryAcquire()) {
                send(packet, due, tally, open::release);
            } else {
                tally.notSent();
            }
        }
        awaitAll(tally, open);
        return tally.report(System.nanoTime());
    }

    /** Keeps so many requests open until the schedule ends; its times are of no account. */
    public LoadReport closed(Schedule schedule, int concurrency) throws InterruptedException {
        if (concurrency < 1 || concurrency > settings.maxOpen()) {
            throw new IllegalArgumentException(
                    "concurrency: %d (expected: 1 to %d)"
                            .formatted(concurrency, settings.maxOpen()));
        }
        Semaphore open = new Semaphore(settings.maxOpen());
        Tally tally = new Tally(System.nanoTime());
        open.acquire(concurrency);
        Turns turns = new Turns(schedule, tally, open);
        turns.add(concurrency);
        awaitAll(tally, open);
        return tally.report(System.nanoTime());
    }

    private void send(AIOSPacket.Builder unstamped, long due, Tally tally, Runnable then) {
        AIOSPacket packet = unstamped.setTs(System.currentTimeMillis() / 1000.0).build();
        tally.sent(due, System.nanoTime());
        sender.send(packet, settings.requestLimit(), new Timed(packet, due, tally, then));
    }

    /** Until a moment, with a report each second on the way; returns when the next one is due. */
    private long pause(long until, long nextReport, Tally tally, Semaphore open)
            throws InterruptedException {
        long report = nextReport;
        for (long now = System.nanoTime(); ; now = System.nanoTime()) {
            if (now >= report) {
                settings.perSecond().accept(tally.progress(openNow(open), now));
                report = now + SECOND;
            }
            if (now >= until || stopped) {
                return report;
            }
            LockSupport.parkNanos(Math.min(until, report) - now);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /** Every request has a limit of its own, so this ends. */
    private void awaitAll(Tally tally, Semaphore open) throws InterruptedException {
        while (!open.tryAcquire(
                settings.maxOpen(), SECOND, java.util.concurrent.TimeUnit.NANOSECONDS)) {
            settings.perSecond().accept(tally.progress(openNow(open), System.nanoTime()));
        }
    }

    private int openNow(Semaphore open) {
        return settings.maxOpen() - open.availablePermits();
    }

    /** The turns of a closed loop: one place sends at a time, however the ends come in. */
    private final class Turns {

        private final Schedule schedule;
        private final Tally tally;
        private final Semaphore open;
        private final AtomicInteger due = new AtomicInteger();
        private long number;

        Turns(Schedule schedule, Tally tally, Semaphore open) {
            this.schedule = schedule;
            this.tally = tally;
            this.open = open;
        }

        /** So many may be sent now. A call from inside a sending is taken up by the one outside. */
        void add(int count) {
            if (due.getAndAdd(count) > 0) {
                return;
            }
            do {
                one();
            } while (due.decrementAndGet() > 0);
        }

        private void one() {
            Arrival arrival = stopped ? null : nextArrival();
            if (arrival == null) {
                open.release();
                return;
            }
            tally.planned();
            send(packets.packet(arrival, number++), System.nanoTime(), tally, () -> add(1));
        }

        private @Nullable Arrival nextArrival() {
            try {
                return schedule.next();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /** Measures one request. */
    private final class Timed implements Answer {

        private final AIOSPacket packet;
        private final long due;
        private final Tally tally;
        private final Runnable then;
        private long firstPiece;
        private long lastPiece;
        private int pieces;

        Timed(AIOSPacket packet, long due, Tally tally, Runnable then) {
            this.packet = packet;
            this.due = due;
            this.tally = tally;
            this.then = then;
        }

        @Override
        public void piece() {
            lastPiece = System.nanoTime();
            if (pieces++ == 0) {
                firstPiece = lastPiece;
                tally.firstPiece(firstPiece - due);
            }
        }

        @Override
        public void ended(Ended ended) {
            tally.ended(ended, System.nanoTime() - due);
            if (pieces > 1) {
                tally.betweenPieces((lastPiece - firstPiece) / (pieces - 1));
            }
            try {
                settings.observer().ended(packet, ended);
            } finally {
                then.run();
            }
        }
    }
}

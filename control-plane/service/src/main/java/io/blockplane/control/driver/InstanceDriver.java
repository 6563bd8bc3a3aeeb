package io.blockplane.control.driver;

import io.blockplane.events.Command.ReportInstance;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Runs instances. Level-triggered: it looks at what is to be and at what is, and does something
 * about the difference, again and again; a change missed or an action failed is made up for by the
 * next look.
 */
public interface InstanceDriver extends AutoCloseable {

    /** What it can run. */
    Set<String> componentUris();

    /**
     * Starts to make it so.
     *
     * @param desired every instance that a block has, as the log says now
     * @param reports takes what is seen
     */
    void start(Supplier<List<DesiredInstance>> desired, Reports reports);

    /** What is to be has changed: look soon. Returns at once. */
    void desiredChanged();

    /** Stops what it started, waits until it is gone, and does nothing more. */
    @Override
    void close();

    /** Puts observations into the log. */
    interface Reports {

        /**
         * Completes when the report is durable, exceptionally when it may not be: then it is given
         * again.
         */
        CompletableFuture<?> report(ReportInstance report);
    }
}

/**
 * The data plane's process role: takes packets over gRPC, keeps them in the log until they are
 * done, routes each to an instance, and writes what happened. {@link
 * io.blockplane.executor.ExecutorRole} is the whole of it; everything else here is its parts:
 *
 * <ul>
 *   <li>in: {@code GrpcApi} with a {@code CallHandler} for each method, {@code InferService} and
 *       {@code PredictService};
 *   <li>the accepted work: {@code InboxWriter}, {@code InboxReader} and {@code InferRunner};
 *   <li>to the instances: {@code Router}, the core's router among threads, and the package {@code
 *       transport};
 *   <li>out: {@code TaskLog} (task events, outputs and progress in one transaction), {@code
 *       Ticker}, {@code DrainReporter}, {@code Prober}, {@code ExecutorMetrics}.
 * </ul>
 *
 * A request goes from step to step on event loops, which nothing may hold up; what may block has
 * threads of its own. What decides is in {@code io.blockplane.executor.core}.
 */
@NullMarked
package io.blockplane.executor;

import org.jspecify.annotations.NullMarked;

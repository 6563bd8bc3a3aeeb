/**
 * What the data plane costs beside what else people could put there: nginx, haproxy and a bare gRPC
 * pass-through for {@code Predict}, a pipeline of Python and Redis for {@code infer}. How it is
 * measured: bench/README.md.
 */
@NullMarked
package io.blockplane.bench.dataplane;

import org.jspecify.annotations.NullMarked;

/**
 * RESP, the protocol of Redis, version 2: a small codec with limits, a client connection, a server,
 * and on top of it what the parts of AIOSv1 expect of the Redis beside an executor. Blocking code
 * on virtual threads.
 */
@NullMarked
package io.blockplane.executor.resp;

import org.jspecify.annotations.NullMarked;

/**
 * What an executor decides, apart from the world: which instance a task goes to, which tasks may
 * run, what has been finished, whether to try again. Deterministic: no clock, no threads, no I/O;
 * what is mutable here belongs to one owner, who brings his own lock.
 */
@NullMarked
package io.blockplane.executor.core;

import org.jspecify.annotations.NullMarked;

/** Proofs that a changed log is found out, and a whole one holds. */
@NullMarked
package io.blockplane.replay;

import org.jspecify.annotations.NullMarked;

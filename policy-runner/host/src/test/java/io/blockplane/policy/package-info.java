/** Proofs that policies are confined, deterministic and recorded. */
@NullMarked
package io.blockplane.policy;

import org.jspecify.annotations.NullMarked;

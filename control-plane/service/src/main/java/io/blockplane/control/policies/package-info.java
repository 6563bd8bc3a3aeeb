/**
 * The policy registry: versions that never change once registered, and their archives by SHA-256.
 * All of it stands in {@code blockplane.policies}; this is its fold and its writer.
 */
@NullMarked
package io.blockplane.control.policies;

import org.jspecify.annotations.NullMarked;

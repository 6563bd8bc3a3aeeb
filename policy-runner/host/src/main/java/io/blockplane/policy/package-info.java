/**
 * Runs Python policies so that every call can be executed again: confined by GraalPy's sandbox,
 * deterministic by a prelude that binds clock, randomness and the machine's facts to the decision,
 * and recorded whole as {@link io.blockplane.events.PolicyDecided}. {@link
 * io.blockplane.policy.PolicyLine} is what a runner holds for one block, {@link
 * io.blockplane.policy.RecordedPolicy} is one policy object, and is what replay uses. No Kafka and
 * no wall-clock time in here: a call's time is given to it.
 */
@NullMarked
package io.blockplane.policy;

import org.jspecify.annotations.NullMarked;

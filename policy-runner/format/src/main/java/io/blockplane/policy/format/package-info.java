/**
 * What a policy is before it runs: its archive, checked and unpacked in memory, what its {@code
 * requirements.txt} asks for, and the schemas of its registry entry. Pure: whoever stores,
 * publishes or runs policies applies these same rules, and nothing of a policy is run for them.
 */
@NullMarked
package io.blockplane.policy.format;

import org.jspecify.annotations.NullMarked;

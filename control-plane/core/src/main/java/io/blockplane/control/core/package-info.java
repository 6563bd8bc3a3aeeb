/**
 * What the control plane decides, as pure functions: {@link
 * io.blockplane.control.core.BlockDecider#decide} makes a command and a block's state into events
 * or a refusal, {@link io.blockplane.control.core.BlockReplay#replay} is the only way that state
 * changes. No clock, no randomness, no I/O, no logging: time and new ids are in the commands.
 */
@NullMarked
package io.blockplane.control.core;

import org.jspecify.annotations.NullMarked;

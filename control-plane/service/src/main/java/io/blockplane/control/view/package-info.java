/**
 * What the control plane knows, as its own readers see it: the fold of the log, for REST and
 * drivers.
 */
@NullMarked
package io.blockplane.control.view;

import org.jspecify.annotations.NullMarked;

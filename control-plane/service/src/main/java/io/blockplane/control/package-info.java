/** The control plane as a role: {@link io.blockplane.control.ControlPlaneRole} wires its parts. */
@NullMarked
package io.blockplane.control;

import org.jspecify.annotations.NullMarked;

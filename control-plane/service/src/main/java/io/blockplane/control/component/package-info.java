/**
 * What the settings of a component must be before anything runs: asked when a block is made, and by
 * whoever runs its instances.
 */
@NullMarked
package io.blockplane.control.component;

import org.jspecify.annotations.NullMarked;

/**
 * Makes what runs equal to what the blocks are to have, again and again, and reports what it sees.
 * {@link io.blockplane.control.driver.InstanceDriver} is the port; {@link
 * io.blockplane.control.driver.ProcessDriver} runs instances as child processes of this one, and
 * hands out servers of others ({@link io.blockplane.control.driver.RemoteInstance}).
 */
@NullMarked
package io.blockplane.control.driver;

import org.jspecify.annotations.NullMarked;

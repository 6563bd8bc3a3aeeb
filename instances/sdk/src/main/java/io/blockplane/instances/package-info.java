/**
 * What a block runs, in Java: implement {@link io.blockplane.instances.Instance} and hand it to
 * {@link io.blockplane.instances.InstanceServer#main}. The server speaks the executor's protocol
 * (blockplane.instance.v1), answers health probes, bounds what waits, and ends with its parent.
 */
@NullMarked
package io.blockplane.instances;

import org.jspecify.annotations.NullMarked;

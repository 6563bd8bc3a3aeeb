/** Tests of the windows role: the topology alone, and on a real broker. */
@NullMarked
package io.blockplane.windows.topology;

import org.jspecify.annotations.NullMarked;

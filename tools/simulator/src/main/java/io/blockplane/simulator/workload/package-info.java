/** What comes in: requests of a recorded log, of public traces, or made up. */
@NullMarked
package io.blockplane.simulator.workload;

import org.jspecify.annotations.NullMarked;

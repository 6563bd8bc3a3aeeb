@NullMarked
package io.blockplane.simulator.workload;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.blockplane.simulator.result;

import org.jspecify.annotations.NullMarked;

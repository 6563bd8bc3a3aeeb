@NullMarked
package io.blockplane.simulator;

import org.jspecify.annotations.NullMarked;

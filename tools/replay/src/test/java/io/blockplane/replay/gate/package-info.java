@NullMarked
package io.blockplane.replay.gate;

import org.jspecify.annotations.NullMarked;

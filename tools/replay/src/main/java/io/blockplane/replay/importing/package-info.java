/** The one part of replay that writes to a log: an exported one, into one that is empty. */
@NullMarked
package io.blockplane.replay.importing;

import org.jspecify.annotations.NullMarked;

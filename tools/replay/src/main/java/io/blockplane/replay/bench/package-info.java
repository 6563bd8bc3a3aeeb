/** What verifying costs, measured on a log made for it. */
@NullMarked
package io.blockplane.replay.bench;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.blockplane.replay.report;

import org.jspecify.annotations.NullMarked;

/** Tests of the pure windows, and the naive recomputation that they are held against. */
@NullMarked
package io.blockplane.windows;

import org.jspecify.annotations.NullMarked;

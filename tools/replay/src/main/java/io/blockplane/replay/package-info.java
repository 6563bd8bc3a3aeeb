/**
 * What the log proves: decisions executed again and compared to the byte, their chain checked, one
 * of them explained. Reads a broker or an exported file; never writes to either.
 */
@NullMarked
package io.blockplane.replay;

import org.jspecify.annotations.NullMarked;

/** Measures what calls of policies cost, beside CPython on the same policies in the same run. */
@NullMarked
package io.blockplane.bench;

import org.jspecify.annotations.NullMarked;

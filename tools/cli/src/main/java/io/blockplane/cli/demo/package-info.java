/** {@code blockplane demo}: the whole story in two minutes, told from the log. */
@NullMarked
package io.blockplane.cli.demo;

import org.jspecify.annotations.NullMarked;

/**
 * The {@code blockplane} command: picocli commands that say what went wrong in one line and exit
 * with 0 (done), 1 (refused or failed) or 2 (wrong usage). What they do is in the packages below.
 */
@NullMarked
package io.blockplane.cli;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.blockplane.cli.system;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.blockplane.events.document;

import org.jspecify.annotations.NullMarked;

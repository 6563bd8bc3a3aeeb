/** What an archive, its requirements and its schemas may be. */
@NullMarked
package io.blockplane.policy.format;

import org.jspecify.annotations.NullMarked;

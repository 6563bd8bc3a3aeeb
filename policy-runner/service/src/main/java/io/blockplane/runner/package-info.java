/**
 * The policy runner: windows come in, each block's autoscaler policy decides at its interval of
 * event time, decisions and the commands that follow go out in one transaction. One lane per block,
 * so a slow policy delays its own block only.
 */
@NullMarked
package io.blockplane.runner;

import org.jspecify.annotations.NullMarked;

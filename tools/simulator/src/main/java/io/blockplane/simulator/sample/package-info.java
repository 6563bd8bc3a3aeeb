/**
 * Results that are drawn, not simulated: for the tests of what reads results. Here and not among
 * the tests because a jar of tests is missing whenever tests are skipped.
 */
@NullMarked
package io.blockplane.simulator.sample;

import org.jspecify.annotations.NullMarked;

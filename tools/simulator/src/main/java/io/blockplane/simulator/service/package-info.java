/** How instances spend their time: replaceable models behind one port. */
@NullMarked
package io.blockplane.simulator.service;

import org.jspecify.annotations.NullMarked;

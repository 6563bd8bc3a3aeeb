@NullMarked
package io.blockplane.simulator.service;

import org.jspecify.annotations.NullMarked;

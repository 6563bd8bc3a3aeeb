/**
 * A running Blockplane seen from outside: its REST, its gRPC, its log. What the commands and the
 * demo call.
 */
@NullMarked
package io.blockplane.cli.client;

import org.jspecify.annotations.NullMarked;

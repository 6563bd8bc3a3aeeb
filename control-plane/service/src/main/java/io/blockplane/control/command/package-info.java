/**
 * Commands into the log and through the core: the one leader that decides them ({@link
 * io.blockplane.control.command.CommandProcessor}), and the way in for REST ({@link
 * io.blockplane.control.command.CommandGateway}).
 */
@NullMarked
package io.blockplane.control.command;

import org.jspecify.annotations.NullMarked;

package io.blockplane.control.core;

import java.util.ArrayList;
import java.util.List;

/**
 * The ids of the commands that a block's latest events came from, oldest first. It makes a command
 * that stands in the log twice take effect once.
 */
public record CommandMemory(List<String> ids) {

    /**
     * Commands remembered per block. The oldest one is forgotten when one more comes: if it then
     * came again, it would take effect again.
     */
    public static final int LIMIT = 1_000;

    public static final CommandMemory EMPTY = new CommandMemory(List.of());

    public CommandMemory {
        ids = List.copyOf(ids);
    }

    public boolean contains(String commandId) {
        return ids.contains(commandId);
    }

    /** With this id as the newest one; the same when it is remembered already. */
    public CommandMemory with(String commandId) {
        if (contains(commandId)) {
            return this;
        }
        List<String> longer = new ArrayList<>(ids.size() + 1);
        longer.addAll(ids.size() < LIMIT ? ids : ids.subList(1, ids.size()));
        longer.add(commandId);
        return new CommandMemory(longer);
    }
}

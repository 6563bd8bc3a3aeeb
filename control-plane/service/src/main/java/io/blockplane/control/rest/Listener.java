package io.blockplane.control.rest;

import java.util.List;

/**
 * A port and what can be asked there.
 *
 * @param name for messages
 * @param port 0 takes a free one
 * @param required whether the server must not start without it
 */
record Listener(String name, int port, boolean required, List<Route> routes) {
    Listener {
        routes = List.copyOf(routes);
    }
}

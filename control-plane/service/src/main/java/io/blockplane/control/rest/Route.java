package io.blockplane.control.rest;

import java.io.IOException;

/**
 * One thing that can be asked.
 *
 * @param path with parameters as {@code :name}
 * @param body what the request carries
 */
record Route(Method method, String path, Body body, Handler handler) {

    enum Method {
        GET,
        POST,
        PUT,
        DELETE
    }

    enum Body {
        NONE,
        JSON,
        MULTIPART
    }

    /** Answers a request; may block. */
    interface Handler {
        Response handle(Request request) throws IOException, InterruptedException;
    }

    static Route get(String path, Handler handler) {
        return new Route(Method.GET, path, Body.NONE, handler);
    }

    static Route post(String path, Handler handler) {
        return new Route(Method.POST, path, Body.JSON, handler);
    }

    static Route put(String path, Handler handler) {
        return new Route(Method.PUT, path, Body.JSON, handler);
    }

    static Route delete(String path, Handler handler) {
        return new Route(Method.DELETE, path, Body.NONE, handler);
    }

    static Route upload(String path, Handler handler) {
        return new Route(Method.POST, path, Body.MULTIPART, handler);
    }
}

package io.blockplane.bench.dataplane;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The proxies that people know, each with one worker and a configuration of its own. */
final class Proxies {

    private Proxies() {}

    /** A proxy that serves. */
    record Proxy(Child child, String target) {}

    static Proxy nginx(String program, String backend, Path folder)
            throws IOException, InterruptedException {
        int port = Child.freePort();
        Path home = Files.createDirectories(folder.resolve("nginx"));
        Path config =
                Files.writeString(
                        home.resolve("nginx.conf"),
                        """
                        worker_processes 1;
                        daemon off;
                        pid %1$s/nginx.pid;
                        error_log %1$s/error.log;
                        events { worker_connections 1024; }
                        http {
                          access_log off;
                          client_body_temp_path %1$s/body;
                          proxy_temp_path %1$s/proxy;
                          fastcgi_temp_path %1$s/fastcgi;
                          uwsgi_temp_path %1$s/uwsgi;
                          scgi_temp_path %1$s/scgi;
                          upstream backend {
                            server %2$s;
                            keepalive 64;
                            keepalive_requests 1000000000;
                          }
                          server {
                            listen 127.0.0.1:%3$d http2;
                            keepalive_requests 1000000000;
                            http2_max_concurrent_streams 1024;
                            location / { grpc_pass grpc://backend; }
                          }
                        }
                        """
                                .formatted(home, backend, port));
        Child child =
                Child.program(
                        home.resolve("output.log"),
                        port,
                        List.of(program, "-p", home.toString(), "-c", config.toString()));
        return new Proxy(child, "127.0.0.1:" + port);
    }

    static Proxy haproxy(String program, String backend, Path folder)
            throws IOException, InterruptedException {
        int port = Child.freePort();
        Path config =
                Files.writeString(
                        folder.resolve("haproxy.cfg"),
                        """
                        global
                          nbthread 1
                          maxconn 1024
                        defaults
                          mode http
                          timeout connect 5s
                          timeout client 10m
                          timeout server 10m
                        frontend in
                          bind 127.0.0.1:%d proto h2
                          default_backend out
                        backend out
                          server echo %s proto h2
                        """
                                .formatted(port, backend));
        Child child =
                Child.program(
                        folder.resolve("haproxy.log"),
                        port,
                        List.of(program, "-db", "-f", config.toString()));
        return new Proxy(child, "127.0.0.1:" + port);
    }
}

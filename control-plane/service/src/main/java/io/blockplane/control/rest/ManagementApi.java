package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.control.command.CommandGateway;
import io.blockplane.control.policies.PolicyRegistry;
import io.blockplane.control.view.BlockDirectory;
import io.blockplane.events.EventJson;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * All that the management API is made of.
 *
 * @param components what instances can run, by uri
 * @param builtInPolicies uris of policies that need no registration
 * @param newIds ids for commands whose client gives none
 * @param outOfService why nothing can be changed any more; empty while it can
 */
public record ManagementApi(
        BlockDirectory directory,
        CommandGateway gateway,
        PolicyRegistry registry,
        Set<String> components,
        Set<String> builtInPolicies,
        Supplier<String> newIds,
        Supplier<Optional<String>> outOfService) {

    public ManagementApi {
        components = Set.copyOf(components);
        builtInPolicies = Set.copyOf(builtInPolicies);
    }

    /** A server of it, not yet started. */
    public RestServer server(String host, int port, Path uploads) {
        BlockSpecReader specReader =
                new BlockSpecReader(
                        components,
                        uri -> builtInPolicies.contains(uri) || registry.policy(uri).isPresent());
        List<Route> routes = new ArrayList<>();
        routes.addAll(new BlockRoutes(directory, gateway, specReader, newIds).routes());
        routes.addAll(new PolicyRoutes(registry).routes());
        routes.add(Route.get("/health", _ -> health()));
        return new RestServer(host, port, uploads, routes.stream().map(this::guarded).toList());
    }

    /** What was stopped answers questions, and changes nothing. */
    private Route guarded(Route route) {
        return switch (route.method()) {
            case GET -> route;
            case POST ->
                    new Route(
                            route.method(),
                            route.path(),
                            route.body(),
                            request -> {
                                outOfService
                                        .get()
                                        .ifPresent(reason -> {
                                            throw stopped(reason).refused();
                                        });
                                return route.handler().handle(request);
                            });
        };
    }

    private Response health() {
        outOfService
                .get()
                .ifPresent(reason -> {
                    throw stopped(reason).refused();
                });
        ObjectNode data = EventJson.MAPPER.createObjectNode();
        data.put("status", "healthy");
        return Response.success(data);
    }

    private static Problem stopped(String reason) {
        return Problem.of(503, "STOPPED", "this control plane has stopped: " + reason);
    }
}

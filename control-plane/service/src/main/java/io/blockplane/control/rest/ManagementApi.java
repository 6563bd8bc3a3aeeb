package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.control.command.CallGateway;
import io.blockplane.control.command.CommandGateway;
import io.blockplane.control.policies.PolicyRegistry;
import io.blockplane.control.rest.PolicyCallRoutes.Component;
import io.blockplane.control.view.BlockDirectory;
import io.blockplane.control.view.LastWindows;
import io.blockplane.events.EventJson;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * All that the management API is made of.
 *
 * @param checkLimit how long a request waits for the check of a policy that it proposes
 * @param components what instances can run, by uri
 * @param builtInPolicies uris of policies that need no registration
 * @param newIds ids for commands whose client gives none
 * @param outOfService why nothing can be changed any more; empty while it can
 */
public record ManagementApi(
        BlockDirectory directory,
        LastWindows windows,
        CommandGateway gateway,
        CallGateway calls,
        PolicyRegistry registry,
        Duration checkLimit,
        Set<String> components,
        Set<String> builtInPolicies,
        Supplier<String> newIds,
        Supplier<Optional<String>> outOfService) {

    public ManagementApi {
        components = Set.copyOf(components);
        builtInPolicies = Set.copyOf(builtInPolicies);
    }

    /**
     * A server of it, not yet started.
     *
     * @param ports of the listeners that AIOSv1 has beside the main one; empty: none of them
     */
    public RestServer server(String host, int port, Optional<PolicyPorts> ports, Path uploads) {
        BindingRules bindingRules = new BindingRules(registry, builtInPolicies);
        Commands commands = new Commands(gateway, newIds);
        PolicyCallRoutes callRoutes =
                new PolicyCallRoutes(directory, calls, registry::policy, newIds);
        List<Route> routes = new ArrayList<>();
        BlockRoutes blockRoutes =
                new BlockRoutes(
                        directory,
                        commands,
                        new BlockSpecReader(components, bindingRules),
                        bindingRules);
        routes.addAll(blockRoutes.routes());
        routes.addAll(new PolicyLifeRoutes(directory, commands, bindingRules, checkLimit).routes());
        routes.addAll(new PolicyRoutes(registry, directory, bindingRules).routes());
        routes.addAll(callRoutes.routes());
        routes.addAll(new MetricsRoutes(windows).routes());
        routes.add(Route.get("/health", _ -> health()));
        List<Listener> listeners = new ArrayList<>();
        listeners.add(new Listener("management-api", port, true, guarded(routes)));
        ports.ifPresent(p -> listeners.addAll(aiosListeners(blockRoutes, callRoutes, p)));
        return new RestServer(host, uploads, listeners);
    }

    private List<Listener> aiosListeners(
            BlockRoutes blocks, PolicyCallRoutes calls, PolicyPorts ports) {
        return List.of(
                aiosListener("executor", ports.executor(), calls.routes(Component.EXECUTOR)),
                aiosListener("autoscaler", ports.autoscaler(), calls.routes(Component.AUTOSCALER)),
                aiosListener(
                        "health-checker",
                        ports.healthChecker(),
                        calls.routes(Component.HEALTH_CHECKER)),
                aiosListener("failure-policies", ports.failurePolicies(), calls.failureRoutes()),
                aiosListener("blocks", ports.blocks(), blocks.readRoutes()));
    }

    private Listener aiosListener(String name, int port, List<Route> routes) {
        return new Listener(name, port, false, guarded(routes));
    }

    private List<Route> guarded(List<Route> routes) {
        return routes.stream().map(this::guarded).toList();
    }

    /** What was stopped answers questions, and changes nothing. */
    private Route guarded(Route route) {
        return switch (route.method()) {
            case GET -> route;
            case POST, PUT, DELETE ->
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

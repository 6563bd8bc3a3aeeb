package io.blockplane.replay;

import io.blockplane.policy.PolicyEngine;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One engine for all tests that don't ask for a fresh one: it costs more than most tests. */
final class SharedEngine implements ParameterResolver {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == PolicyEngine.class;
    }

    @Override
    public PolicyEngine resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(SharedEngine.class))
                .computeIfAbsent("engine", _ -> PolicyEngine.create(), PolicyEngine.class);
    }
}

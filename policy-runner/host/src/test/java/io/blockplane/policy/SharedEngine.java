package io.blockplane.policy;

import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One warm engine for all tests of a run: making one costs more than most tests. */
final class SharedEngine implements ParameterResolver {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == PolicyEngine.class;
    }

    @Override
    public PolicyEngine resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(SharedEngine.class))
                .computeIfAbsent("engine", _ -> warm(), PolicyEngine.class);
    }

    private static PolicyEngine warm() {
        PolicyEngine engine = PolicyEngine.create();
        try {
            engine.warmUp().join();
        } catch (CompletionException e) {
            engine.close();
            throw e;
        }
        return engine;
    }
}

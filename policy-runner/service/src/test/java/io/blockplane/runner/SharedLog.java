package io.blockplane.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** One broker and one warm engine for all test classes: each costs seconds. */
final class SharedLog implements ParameterResolver {

    private record Held(LogUnderTest log, Path dataDir) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            log.close();
            try (Stream<Path> files = Files.walk(dataDir)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LogUnderTest.class;
    }

    @Override
    public LogUnderTest resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.GLOBAL)
                .computeIfAbsent(SharedLog.class, _ -> held(), Held.class)
                .log();
    }

    private static Held held() {
        try {
            Path dataDir = Files.createTempDirectory("blockplane-runner-test-");
            return new Held(new LogUnderTest(dataDir), dataDir);
        } catch (Exception e) {
            throw new IllegalStateException("no broker to test on", e);
        }
    }
}

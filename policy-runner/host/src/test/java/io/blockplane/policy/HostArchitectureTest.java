package io.blockplane.policy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

@AnalyzeClasses(
        packages = "io.blockplane.policy",
        importOptions = ImportOption.DoNotIncludeTests.class)
class HostArchitectureTest {

    @ArchTest
    static final ArchRule knowsNoLogAndNoServer =
            classes()
                    .that()
                    .resideInAPackage("io.blockplane.policy")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "java..",
                            "com.sun.management",
                            "javax.net.ssl",
                            "org.apache.hc..",
                            "com.fasterxml.jackson..",
                            "org.graalvm.polyglot..",
                            "org.jspecify..",
                            "org.slf4j..",
                            "io.blockplane.events",
                            "io.blockplane.events.document",
                            "io.blockplane.policy",
                            "io.blockplane.policy.format");

    @ArchTest
    static final ArchRule readsNoClockAndDrawsNoNumbers =
            noClasses()
                    .should()
                    .callMethod(System.class, "currentTimeMillis")
                    .orShould()
                    .dependOnClassesThat()
                    .belongToAnyOf(
                            Clock.class,
                            Instant.class,
                            Random.class,
                            UUID.class,
                            ThreadLocalRandom.class);

    @ArchTest
    static final ArchRule meaningIsPure =
            classes()
                    .that()
                    .haveSimpleNameEndingWith("Contract")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "java.lang..",
                            "java.util..",
                            "com.fasterxml.jackson..",
                            "org.jspecify..",
                            "io.blockplane.events",
                            "io.blockplane.policy");
}

package io.blockplane.simulator;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** A run depends on what it is given and on nothing else. Result files are read and written. */
@AnalyzeClasses(
        packages = "io.blockplane.simulator",
        importOptions = ImportOption.DoNotIncludeTests.class)
class SimulatorArchitectureTest {

    private static final Set<String> IMPURE_CALLS =
            Set.of(
                    "now",
                    "nanoTime",
                    "currentTimeMillis",
                    "getenv",
                    "getProperty",
                    "randomUUID",
                    "random",
                    "sleep",
                    "identityHashCode");

    @ArchTest
    static final ArchRule ASKS_NO_CLOCK_AND_NO_CHANCE =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("..simulator.sample..")
                    .should()
                    .accessTargetWhere(
                            describe(
                                    "differs from run to run",
                                    (JavaAccess<?> access) ->
                                            IMPURE_CALLS.contains(access.getTarget().getName())
                                                    && access.getTargetOwner()
                                                            .getPackageName()
                                                            .startsWith("java.")));

    @ArchTest
    static final ArchRule READS_AND_SENDS_NOTHING =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("..simulator.result..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "java.nio.file..",
                            "java.net..",
                            "org.apache.kafka..",
                            "io.grpc..",
                            "io.vertx..",
                            "io.fabric8..",
                            "io.blockplane.log..",
                            "io.blockplane.windows.topology..");
}

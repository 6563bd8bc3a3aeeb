package io.blockplane.control;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Adapters do not see each other, and each technology has one place. */
@AnalyzeClasses(
        packages = "io.blockplane.control",
        importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule PARTS_HAVE_NO_CYCLES =
            slices().matching("io.blockplane.control.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule VERTX_IS_FOR_HTTP_ONLY =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.blockplane.control.rest..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.vertx..");

    @ArchTest
    static final ArchRule PROCESSES_ARE_FOR_THE_DRIVER_ONLY =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.blockplane.control.driver..")
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(Process.class, ProcessBuilder.class);

    @ArchTest
    static final ArchRule ADAPTERS_DO_NOT_SEE_EACH_OTHER =
            noClasses()
                    .that()
                    .resideInAPackage("io.blockplane.control.driver..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.blockplane.control.rest..",
                            "io.blockplane.control.command..",
                            "io.blockplane.control.policies..",
                            "org.apache.kafka..");

    @ArchTest
    static final ArchRule REST_DOES_NOT_TALK_TO_KAFKA =
            noClasses()
                    .that()
                    .resideInAPackage("io.blockplane.control.rest..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.kafka..",
                            "io.blockplane.log..",
                            "io.blockplane.control.driver..");
}

package io.blockplane.windows;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Random;
import java.util.Scanner;
import java.util.SplittableRandom;
import java.util.Timer;
import java.util.UUID;

/** The core stays what replay needs: a function of events, whatever happens around it. */
@AnalyzeClasses(packages = "io.blockplane.windows", importOptions = DoNotIncludeTests.class)
class PurityTest {

    private static final String CORE = "io.blockplane.windows";

    private static final String[] PURE = {
        CORE,
        "io.blockplane.events",
        "io.blockplane.events.document",
        "java.lang",
        "java.lang.invoke",
        "java.lang.runtime",
        "java.nio.charset",
        "java.util",
        "java.util.function",
        "java.util.stream",
        "org.jspecify.annotations"
    };

    @ArchTest
    static final ArchRule CORE_KNOWS_ONLY_EVENTS_AND_PURE_JAVA =
            classes()
                    .that()
                    .resideInAPackage(CORE)
                    .and()
                    .doNotBelongToAnyOf(ReportedMeasures.class)
                    .should()
                    .onlyDependOnClassesThat(resideInAnyPackage(PURE));

    /** It merges JSON values, so it knows the JSON tree that the event vocabulary is made of. */
    @ArchTest
    static final ArchRule THE_DOCUMENT_KNOWS_THE_JSON_TREE_TOO =
            classes()
                    .that()
                    .belongToAnyOf(ReportedMeasures.class)
                    .should()
                    .onlyDependOnClassesThat(
                            resideInAnyPackage(PURE)
                                    .or(resideInAnyPackage("com.fasterxml.jackson.databind..")));

    @ArchTest
    static final ArchRule CORE_TOUCHES_NO_CLOCK_RANDOMNESS_THREAD_OR_PROCESS =
            noClasses()
                    .that()
                    .resideInAPackage(CORE)
                    .should()
                    .dependOnClassesThat(
                            equivalentTo(Thread.class)
                                    .or(equivalentTo(Process.class))
                                    .or(equivalentTo(ProcessBuilder.class))
                                    .or(equivalentTo(Runtime.class))
                                    .or(equivalentTo(Random.class))
                                    .or(equivalentTo(SplittableRandom.class))
                                    .or(equivalentTo(Scanner.class))
                                    .or(equivalentTo(Timer.class))
                                    .or(equivalentTo(UUID.class)))
                    .orShould()
                    .callMethodWhere(
                            describe(
                                    "of System, other than arraycopy",
                                    call ->
                                            call.getTargetOwner().isEquivalentTo(System.class)
                                                    && !call.getName().equals("arraycopy")));

    @ArchTest
    static final ArchRule CORE_DOES_NOT_KNOW_ITS_TOPOLOGY =
            noClasses()
                    .that()
                    .resideInAPackage(CORE)
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(CORE + ".topology");
}

package io.blockplane.executor.core;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** The core decides and does nothing else: no clock, no chance, no threads, no I/O. */
@AnalyzeClasses(
        packages = "io.blockplane.executor.core",
        importOptions = ImportOption.DoNotIncludeTests.class)
class CorePurityTest {

    private static final Set<String> IMPURE_CALLS =
            Set.of(
                    "now",
                    "nanoTime",
                    "currentTimeMillis",
                    "getenv",
                    "getProperty",
                    "randomUUID",
                    "random",
                    "sleep");

    @ArchTest
    static final ArchRule knowsOnlyTheVocabularyAndTheLanguage =
            classes()
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.blockplane.executor.core..",
                            "io.blockplane.events",
                            "java.lang",
                            "java.lang.runtime",
                            "java.lang.invoke",
                            "java.time",
                            "java.util",
                            "java.util.function",
                            "java.util.stream",
                            "java.math",
                            "org.jspecify.annotations");

    @ArchTest
    static final ArchRule startsNothing =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(
                            Thread.class, Process.class, ProcessBuilder.class, Runtime.class);

    @ArchTest
    static final ArchRule asksNeitherClockNorChance =
            noClasses().should().callMethodWhere(isImpure());

    private static DescribedPredicate<JavaCall<?>> isImpure() {
        return describe("is one of " + IMPURE_CALLS, call -> IMPURE_CALLS.contains(call.getName()));
    }
}

package io.blockplane.control.core;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.blockplane.events.BlockEvent;
import java.util.Set;

/** The core is a function: what it could reach beside its arguments does not pass the build. */
@AnalyzeClasses(
        packages = "io.blockplane.control.core",
        importOptions = ImportOption.DoNotIncludeTests.class)
class PurityTest {

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
    static final ArchRule DEPENDS_ON_DATA_ONLY =
            classes()
                    .should()
                    .onlyDependOnClassesThat(
                            describe(
                                    "are pure",
                                    (JavaClass c) -> ownOrPure(c.getBaseComponentType())));

    @ArchTest
    static final ArchRule CALLS_NOTHING_THAT_DIFFERS_FROM_RUN_TO_RUN =
            noClasses().should().accessTargetWhere(impure());

    @ArchTest
    static final ArchRule HAS_NO_CYCLES =
            slices().matching("io.blockplane.control.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule DATA_ARE_RECORDS =
            classes()
                    .that()
                    .implement(Rejection.class)
                    .or()
                    .implement(Reply.class)
                    .or()
                    .implement(BlockState.class)
                    .or()
                    .implement(BlockEvent.class)
                    .should()
                    .beRecords();

    private static boolean ownOrPure(JavaClass c) {
        String in = c.getPackageName();
        return c.isPrimitive()
                || in.equals("io.blockplane.control.core")
                || in.equals("io.blockplane.events")
                || in.equals("org.jspecify.annotations")
                || in.equals("java.lang.annotation")
                || in.equals("java.lang.invoke")
                || in.equals("java.lang.runtime")
                || in.equals("java.time")
                || in.equals("java.math")
                || in.equals("java.util")
                || in.equals("java.util.function")
                || in.equals("java.util.regex")
                || in.equals("java.util.stream")
                || (in.equals("java.lang") && !IMPURE_LANG.contains(c.getSimpleName()));
    }

    private static final Set<String> IMPURE_LANG =
            Set.of("Thread", "Process", "ProcessBuilder", "Runtime", "System", "ThreadLocal");

    private static DescribedPredicate<AccessTarget> targetIsImpure() {
        return describe("is impure", target -> IMPURE_CALLS.contains(target.getName()));
    }

    private static DescribedPredicate<com.tngtech.archunit.core.domain.JavaAccess<?>> impure() {
        return describe(
                "has an impure target", access -> targetIsImpure().test(access.getTarget()));
    }
}

package io.blockplane.cli;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.blockplane.events.Event;
import org.jspecify.annotations.NullMarked;

/** The arrows of docs/architecture.md that Maven's edges alone don't hold. */
@AnalyzeClasses(packages = "io.blockplane", importOptions = ImportOption.DoNotIncludeTests.class)
class HouseTest {

    private static final String PROTO = "io.blockplane.proto..";

    @ArchTest
    static final ArchRule CORES_TOUCH_NO_OUTSIDE =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "io.blockplane.events",
                            "io.blockplane.control.core..",
                            "io.blockplane.executor.core..",
                            "io.blockplane.windows",
                            "io.blockplane.llm")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.kafka..",
                            "io.grpc..",
                            "io.vertx..",
                            "org.graalvm..",
                            "org.slf4j..",
                            "java.net..",
                            "java.nio.file..",
                            "java.util.concurrent..",
                            "io.blockplane.log..");

    @ArchTest
    static final ArchRule REPLAY_NEEDS_NO_SERVER =
            noClasses()
                    .that()
                    .resideInAPackage("io.blockplane.replay..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.vertx..",
                            "io.grpc..",
                            "io.fabric8..",
                            // Its core is pure: replay folds the events of blocks.
                            "io.blockplane.control",
                            "io.blockplane.control.command..",
                            "io.blockplane.control.component..",
                            "io.blockplane.control.driver..",
                            "io.blockplane.control.policies..",
                            "io.blockplane.control.rest..",
                            "io.blockplane.control.view..",
                            // Its core is pure: replay makes the choices of balancers again.
                            "io.blockplane.executor",
                            "io.blockplane.executor.delivery..",
                            "io.blockplane.executor.packet..",
                            "io.blockplane.executor.resp..",
                            "io.blockplane.executor.transport..",
                            "io.blockplane.runner..",
                            PROTO);

    @ArchTest
    static final ArchRule ROLES_MEET_IN_THE_LOG_ONLY =
            slices().matching("io.blockplane.(control|executor|runner)..")
                    .should()
                    .notDependOnEachOther()
                    // The rules of balancers, by which the control plane checks what it is given.
                    .ignoreDependency(
                            alwaysTrue(), resideInAPackage("io.blockplane.executor.core.."));

    @ArchTest
    static final ArchRule ONLY_THE_BROKER_KNOWS_THE_SERVER =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.blockplane.broker..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("kafka..", "org.apache.kafka.server..");

    @ArchTest
    static final ArchRule ONLY_THE_POLICY_HOST_RUNS_PYTHON =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.blockplane.policy..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.graalvm..");

    @ArchTest
    static final ArchRule EVENTS_ARE_RECORDS =
            classes().that().implement(Event.class).and().areNotInterfaces().should().beRecords();

    @ArchTest
    static final ArchRule EVERY_PACKAGE_IS_NULL_MARKED =
            classes()
                    .that()
                    .resideOutsideOfPackage(PROTO)
                    .should(
                            new ArchCondition<>("be in a @NullMarked package") {
                                @Override
                                public void check(JavaClass item, ConditionEvents events) {
                                    events.add(
                                            new SimpleConditionEvent(
                                                    item,
                                                    item.getPackage()
                                                            .isAnnotatedWith(NullMarked.class),
                                                    item.getPackageName()));
                                }
                            });
}

package io.blockplane.replay;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.blockplane.log.LogWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@AnalyzeClasses(
        packages = "io.blockplane.replay",
        importOptions = ImportOption.DoNotIncludeTests.class)
class ReplayArchitectureTest {

    private static final String IMPORTING = "io.blockplane.replay.importing..";

    @ArchTest
    static final ArchRule neverWritesToALog =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(IMPORTING)
                    .and()
                    .doNotHaveSimpleName("MadeLog")
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(LogWriter.class)
                    .orShould()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.kafka.clients.producer..",
                            "org.apache.kafka.clients.admin..");

    /** So none of the others can reach what writes. */
    @ArchTest
    static final ArchRule nothingUsesTheImport =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(IMPORTING)
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(IMPORTING);

    @ArchTest
    static final ArchRule linksNoServer =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.vertx..", "io.grpc..", "io.fabric8..");

    /** Not on the class path either: that this module builds proves that the cores are pure. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "io/vertx/core/Vertx.class",
                "io/grpc/Server.class",
                "io/grpc/ManagedChannel.class",
                "io/fabric8/kubernetes/client/KubernetesClient.class"
            })
    void hasNoServerOnItsClassPath(String resource) {
        assertThat(getClass().getClassLoader().getResource(resource)).isNull();
    }
}

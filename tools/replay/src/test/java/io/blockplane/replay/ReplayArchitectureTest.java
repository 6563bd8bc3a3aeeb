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

    @ArchTest
    static final ArchRule neverWritesToALog =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(LogWriter.class)
                    .orShould()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.kafka.clients.producer..",
                            "org.apache.kafka.clients.admin..");

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

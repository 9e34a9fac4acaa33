package labeler.chain;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "labeler.chain", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule the_module_needs_nothing_but_java_and_commons_io = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "labeler.chain..", "java..", "javax.xml.stream..", "org.jspecify..", "org.apache.commons.io..");

    @ArchTest
    static final ArchRule no_format_knows_another =
            slices().matching("labeler.chain.format.(*)..").should().notDependOnEachOther();

    @ArchTest
    static final ArchRule no_format_knows_the_walk = noClasses()
            .that()
            .resideInAnyPackage("labeler.chain.format..", "labeler.chain.io..", "labeler.chain.detect..")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("labeler\\.chain\\.(Chain.*|Wanted|NodeGraph|Findings|.*Resolver|StandardFormats)");

    @ArchTest
    static final ArchRule nothing_below_the_walk_reaches_for_files = noClasses()
            .that()
            .resideInAPackage("labeler.chain..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net..");
}

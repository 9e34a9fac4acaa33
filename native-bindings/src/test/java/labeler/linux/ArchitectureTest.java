package labeler.linux;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "labeler", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule jna_is_named_in_its_own_package_alone = noClasses()
            .that()
            .resideOutsideOfPackage("labeler.linux.jna")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.sun.jna..");

    @ArchTest
    static final ArchRule the_api_stands_on_the_jdk_alone = classes()
            .that()
            .resideInAPackage("labeler.linux")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("labeler.linux", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule the_implementation_stands_on_the_api_and_jna_alone = classes()
            .that()
            .resideInAPackage("labeler.linux.jna")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("labeler.linux", "labeler.linux.jna", "java..", "com.sun.jna", "org.jspecify..");

    @ArchTest
    static final ArchRule the_implementation_has_one_door = classes()
            .that()
            .resideInAPackage("labeler.linux.jna")
            .and()
            .doNotHaveSimpleName("JnaLinux")
            .should()
            .notBePublic();
}

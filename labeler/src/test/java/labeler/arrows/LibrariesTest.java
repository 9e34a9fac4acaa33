package labeler.arrows;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import labeler.fileset.VmFile;
import labeler.linux.HostPath;
import labeler.vm.qemu.option.QemuCommandLine;

/** The rooms that use each library, and the rooms without I/O. */
@AnalyzeClasses(packages = "labeler", importOptions = ImportOption.DoNotIncludeTests.class)
class LibrariesTest {
    @ArchTest
    static final ArchRule JNA_IS_NAMED_IN_NATIVE_BINDINGS_ALONE = noClasses()
            .that()
            .resideOutsideOfPackage("labeler.linux.jna")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.sun.jna..");

    @ArchTest
    static final ArchRule PLANNING_DOES_NO_IO = classes()
            .that()
            .resideInAPackage("labeler.plan")
            .should()
            .onlyDependOnClassesThat()
            .haveNameMatching(
                    "\\[.*|labeler\\.plan\\..*|labeler\\.fileset\\.(FileUse|VmFile)|labeler\\.problem\\..*|labeler\\.selinux\\..*"
                            + "|labeler\\.vm\\.(Origin|FileRole|UseAccess|VmName)|labeler\\.linux\\.(HostPath|FileIdentity)"
                            + "|java\\.(lang|util)\\..*|org\\.jspecify\\..*|com\\.google\\.errorprone\\..*");

    /** A plan knows an open file only through the file set. */
    @ArchTest
    static final ArchRule PLANNING_TOUCHES_NO_OPEN_FILE = noClasses()
            .that()
            .resideInAPackage("labeler.plan")
            .should()
            .callMethod(VmFile.class, "file")
            .orShould()
            .callMethod(VmFile.class, "directory")
            .orShould()
            .callMethod(VmFile.class, "close");

    @ArchTest
    static final ArchRule REFERENCES_ARE_JUDGED_WITHOUT_IO = classes()
            .that()
            .resideInAPackage("labeler.reference")
            .should()
            .onlyDependOnClassesThat()
            .haveNameMatching("\\[.*|labeler\\.reference\\..*|labeler\\.problem\\..*"
                    + "|labeler\\.chain\\.(Role|ImageFormat|FileName|format\\.Reference.*)|labeler\\.vm\\.VmName"
                    + "|labeler\\.linux\\.(HostPath|FileIdentity|FileStatus|FileType|ShellWord)"
                    + "|java\\.(lang|util)\\..*|org\\.jspecify\\..*|com\\.google\\.errorprone\\..*");

    @ArchTest
    static final ArchRule DEFINITIONS_ARE_PARSED_WITHOUT_IO = noClasses()
            .that()
            .resideInAPackage("labeler.vm..")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.nio\\.(file|channels)\\..*|java\\.net\\..*|java\\.io\\.File.*"
                    + "|labeler\\.linux\\.(SafeOpen|OpenedFile|Linux|Processes|Exec)");

    @ArchTest
    static final ArchRule THE_STAIRCASE_ITSELF_IS_EMPTY =
            noClasses().that().doNotHaveSimpleName("package-info").should().resideInAPackage("labeler.vm.qemu");

    @ArchTest
    static final ArchRule OF_A_COMMAND_LINES_INSIDES_OTHERS_KNOW_THE_WHOLE_ALONE = noClasses()
            .that()
            .resideOutsideOfPackage("labeler.vm..")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.resideInAnyPackage(
                            "labeler.vm.qemu.text", "labeler.vm.qemu.block", "labeler.vm.qemu.option")
                    .and(DescribedPredicate.not(HasName.Predicates.nameMatching(".*\\.QemuCommandLine"))));

    @ArchTest
    static final ArchRule A_COMMAND_LINE_IS_READ_ONCE_WHERE_A_REQUEST_IS = noClasses()
            .that()
            .resideOutsideOfPackages("labeler.api", "labeler.vm.qemu.hotplug", "labeler.vm.qemu.monitor")
            .should()
            .callMethod(QemuCommandLine.class, "read", List.class, HostPath.class);

    @ArchTest
    static final ArchRule ONLY_THE_JOURNAL_KNOWS_SQL = noClasses()
            .that()
            .resideOutsideOfPackage("labeler.journal")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "org.sqlite..");

    @ArchTest
    static final ArchRule ONLY_HTTP_KNOWS_JETTY = noClasses()
            .that()
            .resideOutsideOfPackage("labeler.http")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.eclipse.jetty..");

    @ArchTest
    static final ArchRule THE_COMMAND_LINE_BUILDS_NO_SERVICE = noClasses()
            .that()
            .resideInAnyPackage("labeler.cli..", "labeler.client..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("labeler.journal..", "com.google.inject..", "org.eclipse.jetty..", "java.sql..");
}

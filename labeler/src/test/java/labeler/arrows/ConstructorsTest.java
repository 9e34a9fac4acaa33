package labeler.arrows;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.Guice;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;

/** A class with many dependencies does too much, or some of them belong together under one name. */
@AnalyzeClasses(packages = "labeler", importOptions = ImportOption.DoNotIncludeTests.class)
class ConstructorsTest {
    private static final int MOST_PARAMETERS = 7;

    /** Wide records, each with the thing that it stands for. */
    private static final Map<String, String> WIDE_VALUES = Map.ofEntries(
            Map.entry("labeler.chain.format.qcow2.RawHeader", "a header, field by field as in its specification"),
            Map.entry("labeler.chain.Chain$Node", "all that a header says of one image, and who names it"),
            Map.entry("labeler.chain.Wanted", "all that is known of an image before it is opened"),
            Map.entry("labeler.linux.Mount", "a line of mountinfo"),
            Map.entry("labeler.linux.FileStatus", "the part of statx(2) that is asked for"),
            Map.entry("labeler.linux.Linux", "the kernel: one component for each family of calls"),
            Map.entry("labeler.reference.HeaderTarget", "what is known of a file that a header names"),
            Map.entry("labeler.journal.FileRecord", "a row of the journal"),
            Map.entry("labeler.config.Config", "one record for each feature"),
            Map.entry("labeler.journal.FileHold", "a row of the journal"),
            Map.entry("labeler.lifecycle.acquisition.JoinedFiles", "all that is ready for whoever tells qemu of files"),
            Map.entry("labeler.guard.sense.Meaning", "all that a command does, collected by a builder"),
            Map.entry("labeler.guard.judge.Prepared$Ready", "all that is ready before a command is sent"),
            Map.entry("labeler.journal.VmRecord", "a row of the journal, with the rows that belong to it"),
            Map.entry("labeler.registry.etcd.value.FileEntry", "a value of the registry's"),
            Map.entry("labeler.plan.Planner$Question", "all that a decision about one file rests on"),
            Map.entry("labeler.explain.Denial", "the fields of a record of the kernel's"),
            Map.entry("labeler.explain.Explanation", "an object of the JSON interface"),
            Map.entry("labeler.guard.record.AuditEntry", "a line of the audit log"),
            Map.entry("labeler.api.ChainAnswer$Node", "an object of the JSON interface"),
            Map.entry("labeler.view.DiskLine$Result", "an object of the JSON interface"),
            Map.entry("labeler.vm.VmDefinition", "all that a definition declares"),
            Map.entry("labeler.lifecycle.StartRequest", "all that is asked for with a start"),
            Map.entry("labeler.lifecycle.VmView", "an object of the JSON interface"),
            Map.entry("labeler.lifecycle.FileView", "an object of the JSON interface"),
            Map.entry("labeler.http.Limits", "a table of limits"));

    @ArchTest
    static void no_class_needs_more_than_seven_others(JavaClasses classes) {
        assertThat(wide(classes).stream().filter(made -> !made.getOwner().isRecord()))
                .extracting(JavaConstructor::getFullName)
                .isEmpty();
    }

    @ArchTest
    static void each_record_that_is_wider_says_why(JavaClasses classes) {
        assertThat(wide(classes).stream().filter(made -> made.getOwner().isRecord()))
                .extracting(made -> made.getOwner().getName())
                .containsOnly(WIDE_VALUES.keySet().toArray(String[]::new));
    }

    private static List<JavaConstructor> wide(JavaClasses classes) {
        return classes.stream()
                .filter(type -> !type.isEnum())
                .flatMap(type -> type.getConstructors().stream())
                .filter(made -> made.getRawParameterTypes().size() > MOST_PARAMETERS)
                .toList();
    }

    @ArchTest
    static final ArchRule ALL_INJECTORS_ARE_STRICT = noClasses()
            .that()
            .resideOutsideOfPackage("labeler.wiring")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Guice.class);
}

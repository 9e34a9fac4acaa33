package labeler.arrows;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Tests of a room name only rooms that the room itself reaches, and those in the tests' own list. */
@AnalyzeClasses(packages = "labeler", importOptions = ImportOption.OnlyIncludeTests.class)
class ArrowsOfTestsTest {
    private static final Arrows PROGRAM = Arrows.read("main.txt");
    private static final Arrows BESIDE = Arrows.read("tests.txt");

    /** Stands for all rooms in the tests' own list. */
    private static final String EACH = "*";

    @ArchTest
    static void tests_of_a_room_name_what_it_reaches_and_what_the_list_has(JavaClasses classes) {
        List<String> wrong = new ArrayList<>();
        for (JavaClass type : classes) {
            String from = Arrows.room(type);
            if (Arrows.isOfAnotherModule(type)) {
                continue;
            }
            Set<String> reached = PROGRAM.reached(from);
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                String to = Arrows.room(dependency.getTargetClass());
                if (Arrows.isOurs(dependency)
                        && !reached.contains(to)
                        && !BESIDE.of(from).contains(to)
                        && !BESIDE.of(EACH).contains(to)) {
                    wrong.add(from + " -> " + to + ": " + dependency.getDescription());
                }
            }
        }
        assertThat(wrong)
                .as("dependencies that labeler/src/test/resources/labeler/arrows/tests.txt does not allow")
                .isEmpty();
    }
}

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
import java.util.TreeSet;

/** Tests of a room name only rooms that the room itself reaches, and those in the tests' own list. */
@AnalyzeClasses(packages = "labeler", importOptions = ImportOption.OnlyIncludeTests.class)
class ArrowsOfTestsTest {
    private static final Arrows PROGRAM = Arrows.read("main.txt");
    private static final Arrows BESIDE = Arrows.read("tests.txt");

    /** Stands for all rooms in the tests' own list. */
    private static final String EACH = "*";

    @ArchTest
    static void tests_of_a_room_name_what_it_reaches_and_what_the_list_has(JavaClasses classes) {
        assertThat(notAllowed(classes, BESIDE))
                .as("dependencies that labeler/src/test/resources/labeler/arrows/tests.txt does not allow")
                .isEmpty();
    }

    @ArchTest
    static void a_dependency_that_is_not_on_the_list_is_named_with_the_place_that_makes_it(JavaClasses classes) {
        assertThat(BESIDE.of("work")).contains("linux.fake");

        assertThat(notAllowed(classes, BESIDE.without("work", "linux.fake")))
                .isNotEmpty()
                .allSatisfy(wrong -> assertThat(wrong).startsWith("work -> linux.fake: "));
    }

    @ArchTest
    static void each_arrow_of_the_tests_list_is_used_and_needed(JavaClasses classes) {
        Set<String> used = new TreeSet<>();
        for (JavaClass type : classes) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                if (Arrows.isOurs(dependency)) {
                    String to = Arrows.room(dependency.getTargetClass());
                    used.add(arrow(Arrows.room(type), to));
                    used.add(arrow(EACH, to));
                }
            }
        }
        List<String> idle = new ArrayList<>();
        BESIDE.rooms()
                .forEach((room, others) -> others.forEach(other -> {
                    if (!used.contains(arrow(room, other))
                            || PROGRAM.reached(room).contains(other)) {
                        idle.add(arrow(room, other));
                    }
                }));
        assertThat(idle)
                .as("arrows of labeler/src/test/resources/labeler/arrows/tests.txt that nothing uses, or that"
                        + " main.txt has")
                .isEmpty();
    }

    private static String arrow(String from, String to) {
        return from + " -> " + to;
    }

    private static List<String> notAllowed(JavaClasses classes, Arrows beside) {
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
                        && !beside.of(from).contains(to)
                        && !beside.of(EACH).contains(to)) {
                    wrong.add(arrow(from, to) + ": " + dependency.getDescription());
                }
            }
        }
        return wrong;
    }
}

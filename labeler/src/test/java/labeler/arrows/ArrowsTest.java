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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The arrows between the program's rooms are exactly those of the list. No other arrow exists, and each is used. */
@AnalyzeClasses(packages = "labeler", importOptions = ImportOption.DoNotIncludeTests.class)
class ArrowsTest {
    private static final int MOST_FILES = 30;

    private static final Arrows ALLOWED = Arrows.read("main.txt");

    @ArchTest
    static void a_room_names_only_rooms_that_it_may(JavaClasses classes) {
        assertThat(notAllowed(classes, ALLOWED))
                .as("dependencies that labeler/src/test/resources/labeler/arrows/main.txt does not allow")
                .isEmpty();
    }

    static List<String> notAllowed(JavaClasses classes, Arrows allowed) {
        List<String> wrong = new ArrayList<>();
        for (Dependency dependency : dependencies(classes)) {
            String from = Arrows.room(dependency.getOriginClass());
            String to = Arrows.room(dependency.getTargetClass());
            if (!allowed.of(from).contains(to)) {
                wrong.add(from + " -> " + to + ": " + dependency.getDescription());
            }
        }
        return wrong;
    }

    @ArchTest
    static void an_arrow_that_is_not_on_the_list_is_named_with_the_place_that_makes_it(JavaClasses classes) {
        assertThat(ALLOWED.of("mcs")).contains("linux");

        assertThat(notAllowed(classes, ALLOWED.without("mcs", "linux")))
                .isNotEmpty()
                .allSatisfy(
                        wrong -> assertThat(wrong).startsWith("mcs -> linux: ").contains("ProcessContexts.java:"));
    }

    @ArchTest
    static void each_arrow_of_the_list_is_used(JavaClasses classes) {
        Set<String> used = new TreeSet<>();
        for (Dependency dependency : dependencies(classes)) {
            used.add(Arrows.room(dependency.getOriginClass()) + " -> " + Arrows.room(dependency.getTargetClass()));
        }
        Set<String> listed = new TreeSet<>();
        ALLOWED.rooms().forEach((room, others) -> others.forEach(other -> listed.add(room + " -> " + other)));
        listed.removeAll(used);
        assertThat(listed).as("arrows of the list that nothing uses").isEmpty();
    }

    @ArchTest
    static void no_way_leads_back(JavaClasses classes) {
        assertThat(classes).isNotEmpty();
        assertThat(ALLOWED.rooms().keySet())
                .allSatisfy(room -> assertThat(ALLOWED.reached(room)).doesNotContain(room));
    }

    @ArchTest
    static void a_room_is_not_crowded(JavaClasses classes) {
        Map<String, Integer> files = new TreeMap<>();
        for (JavaClass type : classes) {
            if (type.isTopLevelClass() && !isPackage(type) && !Arrows.isOfAnotherModule(type)) {
                files.merge(Arrows.room(type), 1, Integer::sum);
            }
        }
        assertThat(files).allSatisfy((room, count) -> assertThat(count).as(room).isLessThanOrEqualTo(MOST_FILES));
    }

    private static boolean isPackage(JavaClass type) {
        return type.getSimpleName().equals("package-info");
    }

    private static List<Dependency> dependencies(JavaClasses classes) {
        return classes.stream()
                .filter(type -> !Arrows.isOfAnotherModule(type))
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(Arrows::isOurs)
                .toList();
    }
}

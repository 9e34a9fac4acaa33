package labeler.arrows;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.io.IOUtils;

/** An allow-list of arrows: which rooms each room may name, in the order of the list. */
record Arrows(Map<String, Set<String>> rooms) {
    private static final Pattern LINE = Pattern.compile("(\\S+) ->((?: \\S+)*)");
    private static final String ALL = "labeler";

    static Arrows read(String resource) {
        Map<String, Set<String>> rooms = new LinkedHashMap<>();
        for (String line : text(resource).lines().toList()) {
            Matcher arrow = LINE.matcher(line);
            if (arrow.matches()) {
                rooms.put(
                        arrow.group(1),
                        new TreeSet<>(Set.of(arrow.group(2).strip().split(" "))));
                rooms.get(arrow.group(1)).remove("");
            }
        }
        return new Arrows(rooms);
    }

    private static String text(String resource) {
        try (InputStream list = Objects.requireNonNull(Arrows.class.getResourceAsStream(resource), resource)) {
            return IOUtils.toString(list, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Set<String> of(String room) {
        return rooms.getOrDefault(room, Set.of());
    }

    /** The same list with one arrow less. */
    Arrows without(String from, String to) {
        Map<String, Set<String>> left = new LinkedHashMap<>(rooms);
        left.put(from, new TreeSet<>(of(from)));
        left.get(from).remove(to);
        return new Arrows(left);
    }

    /** All rooms that a room names, directly or through others. */
    Set<String> reached(String room) {
        Set<String> reached = new TreeSet<>();
        Deque<String> next = new ArrayDeque<>(of(room));
        while (!next.isEmpty()) {
            String one = next.pop();
            if (reached.add(one)) {
                next.addAll(of(one));
            }
        }
        return reached;
    }

    /** The named rooms without those that a longer way also reaches, for the picture. */
    Set<String> withoutShortcuts(String room) {
        Set<String> arrows = new TreeSet<>(of(room));
        of(room).forEach(other -> arrows.removeAll(reached(other)));
        return arrows;
    }

    static boolean isOurs(Dependency dependency) {
        return dependency.getTargetClass().getPackageName().startsWith(ALL + ".")
                && !room(dependency.getOriginClass()).equals(room(dependency.getTargetClass()));
    }

    /** Whether it is of {@code chain-model} or {@code native-bindings}, with their own tests and test helpers. */
    static boolean isOfAnotherModule(JavaClass type) {
        String room = room(type);
        return List.of("chain", "linux").contains(room.split("\\.", -1)[0]);
    }

    /** The room of a class. Each other module is one room, except its JNA classes and its helpers for tests. */
    static String room(JavaClass type) {
        String name = type.getPackageName().replaceFirst("^" + ALL + "\\.?", "");
        if (name.startsWith("chain.") && !name.equals("chain.testing")) {
            return "chain";
        }
        return name.startsWith("linux.") && !Set.of("linux.jna", "linux.fake").contains(name) ? "linux" : name;
    }
}

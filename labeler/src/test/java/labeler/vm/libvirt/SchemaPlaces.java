package labeler.vm.libvirt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Walks libvirt's RELAX NG schema, and finds each element and attribute whose value may be a file's name. */
final class SchemaPlaces {
    /** A value may be a name if its pattern fits one of these. */
    private static final List<String> NAMES = List.of("/a", "/dev/a", "/a/b.c", "unix:path=/a");

    private static final Set<String> TEXTS = Set.of("string", "normalizedString", "token", "anyURI", "NMTOKEN");

    /** Parts of a schema that hold no value themselves. */
    private static final Set<String> NO_VALUE = Set.of(
            "element", "attribute", "value", "param", "except", "empty", "notAllowed", "anyName", "name", "nsName");

    private final Path directory;
    private final Map<String, List<XmlElement>> definitions = new HashMap<>();
    private final Set<String> loaded = new HashSet<>();
    private final Set<String> places = new TreeSet<>();

    private SchemaPlaces(Path directory) {
        this.directory = directory;
    }

    /** The places below a domain: {@code devices/disk/source@file}. */
    static Set<String> of(Path directory) throws IOException {
        SchemaPlaces schema = new SchemaPlaces(directory);
        schema.load("domaincommon.rng");
        schema.walkAll("domain", "", List.of());
        return schema.places;
    }

    private void load(String file) throws IOException {
        if (!loaded.add(file)) {
            return;
        }
        if (!(XmlReader.read(Files.readAllBytes(directory.resolve(file))) instanceof XmlReader.Read(XmlElement root))) {
            throw new IOException(file + " is not XML");
        }
        collect(root);
    }

    private void collect(XmlElement element) throws IOException {
        for (XmlElement child : element.children()) {
            switch (kind(child)) {
                case "define" ->
                    definitions
                            .computeIfAbsent(child.value("@name").orElse(""), _ -> new ArrayList<>())
                            .add(child);
                case "include" -> load(child.value("@href").orElse(""));
                default -> {}
            }
            collect(child);
        }
    }

    /** The name without the schema's namespace. */
    private static String kind(XmlElement element) {
        return element.name().substring(element.name().indexOf('}') + 1);
    }

    private void walkAll(String definition, String path, List<String> inside) {
        if (!inside.contains(definition)) {
            List<String> deeper = new ArrayList<>(inside);
            deeper.add(definition);
            for (XmlElement one : definitions.getOrDefault(definition, List.of())) {
                one.children().forEach(child -> walk(child, path, deeper));
            }
        }
    }

    private void walk(XmlElement element, String path, List<String> inside) {
        String name = element.value("@name").orElse("*");
        switch (kind(element)) {
            case "element" -> {
                String below =
                        inside.size() == 1 && name.equals("domain") ? "" : (path.isEmpty() ? "" : path + "/") + name;
                if (element.children().stream().anyMatch(child -> holdsName(child, List.of()))) {
                    places.add(below);
                }
                element.children().forEach(child -> walk(child, below, inside));
            }
            case "attribute" -> {
                List<XmlElement> values = element.children().stream()
                        .filter(child -> !kind(child).equals("name"))
                        .toList();
                if (values.isEmpty() || values.stream().anyMatch(child -> holdsName(child, List.of()))) {
                    places.add(path + "@" + name);
                }
            }
            case "ref" -> walkAll(name, path, inside);
            default -> element.children().forEach(child -> walk(child, path, inside));
        }
    }

    private boolean holdsName(XmlElement element, List<String> inside) {
        String kind = kind(element);
        if (kind.equals("text")) {
            return true;
        } else if (kind.equals("data")) {
            return TEXTS.contains(element.value("@type").orElse("")) && fits(element);
        } else if (kind.equals("ref")) {
            String name = element.value("@name").orElse("");
            List<String> deeper = new ArrayList<>(inside);
            deeper.add(name);
            return !inside.contains(name)
                    && definitions.getOrDefault(name, List.of()).stream()
                            .flatMap(one -> one.children().stream())
                            .anyMatch(child -> holdsName(child, deeper));
        }
        return !NO_VALUE.contains(kind) && element.children().stream().anyMatch(child -> holdsName(child, inside));
    }

    private static boolean fits(XmlElement data) {
        List<String> patterns = data.children().stream()
                .filter(child -> kind(child).equals("param") && child.has("name", "pattern"))
                .map(XmlElement::text)
                .toList();
        return patterns.isEmpty() || patterns.stream().anyMatch(SchemaPlaces::fits);
    }

    private static boolean fits(String pattern) {
        try {
            Pattern compiled = Pattern.compile(pattern);
            return NAMES.stream().anyMatch(name -> compiled.matcher(name).matches());
        } catch (PatternSyntaxException e) {
            // Another notation than Java's: it may be one.
            return true;
        }
    }
}

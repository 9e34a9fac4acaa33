package labeler.documents;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.config.ConfigReader;
import org.apache.commons.io.FilenameUtils;
import org.junit.jupiter.api.Test;

/** The documents' promises to a reader: valid links, an index of all documents, every setting. */
class DocumentsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path DOCS = ROOT.resolve("docs");

    /** The README must be short enough to survey. */
    private static final int MOST_LINES_OF_THE_README = 120;

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.*)$");

    /** Code blocks have brackets that are no links. */
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```$");

    /** A document of ours, named in a comment or text of a program, but not in an address. */
    private static final Pattern NAMED_BY_A_PROGRAM = Pattern.compile("(?<![\\w./:-])((?:docs/)?[a-z-]+\\.md)\\b");

    /** The last part of a name, but not a place for one in capitals. */
    private static final Pattern CLASS_TO_LOOK_IN = Pattern.compile("`(?:[a-z.]*\\.)?([A-Z]\\w*[a-z]\\w*)`");

    /** A class of tests, and one of its methods if that is named as well. */
    private static final Pattern TEST_NAMED = Pattern.compile("`([A-Z]\\w*(?:Test|IT))(?:\\.([a-z]\\w*_\\w*))?[`.]");

    private static final Pattern PACKAGE_TO_LOOK_IN = Pattern.compile("`(labeler(?:\\.[a-z]+)+)[.`]");
    private static final Pattern SETTING_IN_A_ROW = Pattern.compile("(?m)^\\| `([a-z]+\\.[a-z-]+)` \\|");
    private static final Pattern TABLE_IN_TOML = Pattern.compile("(?m)^\\[([a-z]+)\\]$");
    private static final Pattern KNOWN = Pattern.compile("; known here: (.*)$");

    @Test
    void the_readme_is_short() throws IOException {
        assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(MOST_LINES_OF_THE_README);
    }

    @Test
    void each_link_leads_to_a_file_and_a_heading_that_are_there() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : documents()) {
            for (String link : links(document)) {
                if (!leadsSomewhere(document, link)) {
                    broken.add(ROOT.relativize(document) + ": " + link);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void each_document_that_a_program_names_is_there() throws IOException {
        List<String> missing = new ArrayList<>();
        for (String module : List.of("labeler", "chain-model", "native-bindings")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
                for (Path program :
                        files.filter(file -> file.toString().endsWith(".java")).toList()) {
                    NAMED_BY_A_PROGRAM
                            .matcher(Files.readString(program))
                            .results()
                            .map(found -> found.group(1))
                            .filter(name -> !Files.exists(ROOT.resolve(name)) && !Files.exists(DOCS.resolve(name)))
                            .forEach(name -> missing.add(ROOT.relativize(program) + ": " + name));
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void the_index_has_every_document() throws IOException {
        Path index = DOCS.resolve("README.md");
        Set<Path> linked = links(index).stream()
                .map(link -> DOCS.resolve(link).normalize())
                .collect(toSet());
        try (Stream<Path> files = Files.walk(DOCS)) {
            assertThat(files.filter(Files::isRegularFile)
                            .filter(file -> !file.equals(index))
                            .filter(file -> !linked.contains(file)))
                    .isEmpty();
        }
    }

    /** Who looks for the proof of a sentence must find it. */
    @Test
    void each_test_that_a_document_names_is_there() throws IOException {
        Map<String, String> tests = new TreeMap<>();
        for (String module : List.of("labeler", "chain-model", "native-bindings")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                for (Path file :
                        files.filter(name -> name.toString().endsWith(".java")).toList()) {
                    tests.put(FilenameUtils.getBaseName(file.toString()), Files.readString(file));
                }
            }
        }
        List<String> named = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (Path document : documents()) {
            TEST_NAMED.matcher(Files.readString(document)).results().forEach(found -> {
                String method = found.group(2) == null ? "" : found.group(2);
                named.add(found.group());
                if (!tests.getOrDefault(found.group(1), "").contains(method + "(")) {
                    missing.add(ROOT.relativize(document) + ": " + found.group());
                }
            });
        }
        assertThat(named).hasSizeGreaterThan(200);
        assertThat(missing).isEmpty();
    }

    /** A class that was renamed leaves a row behind that leads nowhere. */
    @Test
    void each_class_and_package_to_look_in_is_there() throws IOException {
        String page = Files.readString(DOCS.resolve("architecture.md"));
        String table = page.substring(page.indexOf("## Where to look"), page.indexOf("## The trip of one path"));
        Set<String> classes = new TreeSet<>();
        Set<String> packages = new TreeSet<>();
        for (String module : List.of("labeler", "chain-model", "native-bindings")) {
            Path sources = ROOT.resolve(module).resolve("src/main/java");
            try (Stream<Path> files = Files.walk(sources)) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(file -> {
                    classes.add(FilenameUtils.getBaseName(file.toString()));
                    packages.add(sources.relativize(file.getParent()).toString().replace('/', '.'));
                });
            }
        }

        assertThat(CLASS_TO_LOOK_IN.matcher(table).results().map(found -> found.group(1)))
                .hasSizeGreaterThan(40)
                .allMatch(classes::contains);
        assertThat(PACKAGE_TO_LOOK_IN.matcher(table).results().map(found -> found.group(1)))
                .hasSizeGreaterThan(20)
                .allMatch(packages::contains);
    }

    @Test
    void operations_has_exactly_the_settings_that_the_service_knows() throws IOException {
        Set<String> documented = SETTING_IN_A_ROW
                .matcher(Files.readString(DOCS.resolve("operations.md")))
                .results()
                .map(found -> found.group(1))
                .collect(toCollection(TreeSet::new));
        assertThat(documented).isEqualTo(knownSettings());
    }

    /** The known settings. The reader of settings lists them for an unknown key. */
    private static Set<String> knownSettings() throws IOException {
        String shipped = Files.readString(ROOT.resolve("labeler/src/main/dist/etc/labeler.toml"));
        Set<String> known = new TreeSet<>();
        for (MatchResult table : TABLE_IN_TOML.matcher(shipped).results().toList()) {
            String name = table.group(1);
            for (String key : keysKnownIn("[" + name + "]\nno-setting-has-a-name-like-this-one = 1")) {
                known.add(name + "." + key);
            }
        }
        assertThat(keysKnownIn("no-setting-has-a-name-like-this-one = 1"))
                .as("tables of the shipped settings")
                .allSatisfy(table -> assertThat(shipped).contains("[" + table + "]"));
        return known;
    }

    private static List<String> keysKnownIn(String toml) {
        return switch (ConfigReader.parse("settings", toml)) {
            case ConfigReader.Read _ -> throw new AssertionError("an unknown setting was taken");
            case ConfigReader.Invalid(String message) ->
                KNOWN.matcher(message)
                        .results()
                        .flatMap(found -> Stream.of(found.group(1).split(", ")))
                        .toList();
        };
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(
                ROOT.resolve("README.md"),
                ROOT.resolve("CONTRIBUTING.md"),
                ROOT.resolve("CHANGELOG.md"),
                ROOT.resolve("selinux-policy/README.md"),
                ROOT.resolve("vagrant/README.md")));
        try (Stream<Path> files = Files.walk(DOCS)) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        return documents;
    }

    private static List<String> links(Path document) throws IOException {
        String text = FENCED.matcher(Files.readString(document)).replaceAll("");
        return LINK.matcher(text)
                .results()
                .map(found -> found.group(1))
                .filter(link -> !link.contains("://"))
                .toList();
    }

    private static boolean leadsSomewhere(Path document, String link) throws IOException {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? document : document.resolveSibling(file).normalize();
        if (!Files.exists(target)) {
            return false;
        }
        return hash < 0 || anchors(target).contains(link.substring(hash + 1));
    }

    /** The anchors that GitHub and GitLab make from headings. */
    private static Set<String> anchors(Path document) throws IOException {
        String text = FENCED.matcher(Files.readString(document)).replaceAll("");
        return HEADING.matcher(text)
                .results()
                .map(found -> found.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(toSet());
    }
}

package labeler.vm.qemu.option;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a real qemu needs to open what a form names: a block of {@code tried-forms.txt}, which says what its words mean.
 *
 * @param form the option and its argument; {@code -hda NAME}
 * @param instead the argument in place of the form's
 * @param options before it: a device comes after its bus
 * @param excuse why qemu does not open it here; empty if it must
 */
record TriedForm(String form, Optional<String> instead, List<String> options, Named named, Optional<Excuse> excuse) {
    /** What NAME is. */
    enum Named {
        FILE,
        NEW,
        SOCKET,
        PIPE,
        TREE,
        KEYS
    }

    /** Why qemu does not open what a form names. */
    sealed interface Excuse {
        /** It will, if somebody asks. */
        record Later() implements Excuse {}

        /** This build cannot, and says so. */
        record Build(String words) implements Excuse {}

        /** This host cannot, and perhaps qemu says so. Other hosts can. */
        record Host(String words) implements Excuse {}
    }

    /** A form that needs nothing more. */
    TriedForm(String form) {
        this(form, Optional.empty(), List.of(), Named.FILE, Optional.empty());
    }

    /** The words for qemu. Each option is one, and so is its argument. */
    List<String> words() {
        if (isOfNoPage()) {
            return List.of(form.substring(2).split(" ", -1));
        }
        Stream<String> own = Stream.of(form.substring(0, form.indexOf(' ')), instead.orElse(argument()));
        return Stream.concat(options.stream(), own).toList();
    }

    private String argument() {
        return form.substring(form.indexOf(' ') + 1);
    }

    /** Whether it names nothing, and is tried for what qemu opens by itself. */
    boolean isOfNoPage() {
        return form.startsWith("+ ");
    }

    /** The blocks of the table by their forms, in their order; those that are in no page begin with {@code +}. */
    static Map<String, TriedForm> table() {
        Map<String, TriedForm> table = new LinkedHashMap<>();
        List<String> forms = new ArrayList<>();
        List<String> properties = new ArrayList<>();
        for (String line : lines("tried-forms.txt")) {
            if (line.startsWith(" ")) {
                properties.add(line.strip());
            } else {
                if (!properties.isEmpty()) {
                    add(forms, properties, table);
                    forms.clear();
                    properties.clear();
                }
                if (line.startsWith("+")) {
                    add(List.of(line), List.of(), table);
                } else {
                    forms.add(line);
                }
            }
        }
        add(forms, properties, table);
        return table;
    }

    private static void add(List<String> forms, List<String> properties, Map<String, TriedForm> table) {
        for (String form : forms) {
            TriedForm whole = new TriedForm(form);
            for (String property : properties) {
                whole = whole.with(property);
            }
            if (table.put(form, whole) != null) {
                throw new IllegalArgumentException(form + " is there twice");
            }
        }
    }

    private TriedForm with(String property) {
        String word = property.substring(0, property.indexOf(' '));
        String rest = property.substring(word.length()).strip();
        return switch (word) {
            case "as" -> new TriedForm(form, Optional.of(rest), options, named, excuse);
            case "more" -> new TriedForm(form, Optional.of(argument() + rest), options, named, excuse);
            case "with" -> new TriedForm(form, instead, List.of(rest.split(" +", -1)), named, excuse);
            case "name" -> new TriedForm(form, instead, options, Named.valueOf(rest.toUpperCase(Locale.ROOT)), excuse);
            case "later" -> with(new Excuse.Later());
            case "build" -> with(new Excuse.Build(afterBar(rest)));
            case "host" -> with(new Excuse.Host(afterBar(rest)));
            default -> throw new IllegalArgumentException(property);
        };
    }

    private TriedForm with(Excuse why) {
        return new TriedForm(form, instead, options, named, Optional.of(why));
    }

    private static String afterBar(String text) {
        return text.substring(text.indexOf('|') + 1).strip();
    }

    /** The lines of a table beside this class that are no comments. */
    static List<String> lines(String table) {
        try (InputStream text = Objects.requireNonNull(TriedForm.class.getResourceAsStream(table))) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

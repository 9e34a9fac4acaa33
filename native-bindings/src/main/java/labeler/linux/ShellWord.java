package labeler.linux;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A name as one word of a command that somebody copies into a shell. Names of files and VMs may be chosen by an attacker,
 * and who copies the command is root.
 */
public final class ShellWord {
    /** A {@code =} at the begin means something to zsh. */
    private static final Pattern PLAIN = Pattern.compile("(?!=)[A-Za-z0-9_./+@%:=,-]+");

    private ShellWord() {}

    /** A path that begins with {@code -} gets a {@code ./}, since no program takes that for an option. */
    public static String of(HostPath path) {
        HostPath name = path.bytes()[0] == '-' ? path.from(HostPath.of(".")) : path;
        return word(name.utf8(), name.bytes());
    }

    /**
     * Names that are no paths, as the last words of a command: no option may come after them. {@code --} goes before them if
     * one looks like an option.
     */
    public static String last(String... names) {
        boolean hasOption = Stream.of(names).anyMatch(name -> name.startsWith("-"));
        return (hasOption ? "-- " : "") + Stream.of(names).map(ShellWord::of).collect(Collectors.joining(" "));
    }

    /** A name that is no path. An empty one is also a word. */
    public static String of(String name) {
        return name.isEmpty() ? "''" : word(Optional.of(name), name.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A name with characters that nobody sees is in bash's {@code $'…'}, so that the line shows all of it. One with a
     * backslash as well: fish takes that for an escape within other quotes. Quotes and backslashes are numbers there, so
     * that a shell that does not know {@code $'…'} still takes it for one word, or refuses it.
     */
    private static String word(Optional<String> text, byte[] bytes) {
        if (text.filter(PLAIN.asMatchPredicate()).isPresent()) {
            return text.get();
        }
        if (text.isPresent() && text.get().codePoints().allMatch(c -> c != '\\' && Printable.isVisible(c))) {
            return "'" + text.get().replace("'", "'\\''") + "'";
        }
        StringBuilder word = new StringBuilder("$'");
        for (char c : new String(bytes, StandardCharsets.ISO_8859_1).toCharArray()) {
            if (c >= ' ' && c < 0x7f && c != '\'' && c != '\\') {
                word.append(c);
            } else {
                word.append(String.format("\\%03o", (int) c));
            }
        }
        return word.append('\'').toString();
    }
}

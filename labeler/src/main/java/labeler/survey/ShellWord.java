package labeler.survey;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import labeler.linux.HostPath;
import labeler.linux.Printable;

/** A file's name as one word of a command that somebody copies into a shell. */
public final class ShellWord {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./+@%:=,-]+");

    private ShellWord() {}

    /** A name with characters that nobody sees is in bash's {@code $'…'}, so that the line shows all of it. */
    public static String of(HostPath path) {
        String text = path.utf8().orElse("");
        if (PLAIN.matcher(text).matches()) {
            return text;
        }
        if (!text.isEmpty() && text.codePoints().allMatch(Printable::isVisible)) {
            return "'" + text.replace("'", "'\\''") + "'";
        }
        StringBuilder word = new StringBuilder("$'");
        for (char c : new String(path.bytes(), StandardCharsets.ISO_8859_1).toCharArray()) {
            if (c == '\'' || c == '\\') {
                word.append('\\').append(c);
            } else if (c >= ' ' && c < 0x7f) {
                word.append(c);
            } else {
                word.append(String.format("\\%03o", (int) c));
            }
        }
        return word.append('\'').toString();
    }
}

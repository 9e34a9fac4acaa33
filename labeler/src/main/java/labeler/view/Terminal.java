package labeler.view;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import labeler.json.Json;
import labeler.json.JsonWriter;
import labeler.linux.Printable;

/** The output for results and messages. Text is UTF-8 in any locale, and nothing in it can control a terminal. */
public final class Terminal {
    /** A refusal by the guard, with its rule: {@code labeler S2: }. */
    private static final Pattern REFUSAL = Pattern.compile("labeler [A-Z][0-9]{1,2}: ");

    private final NotingOutput written;
    private final PrintStream out;
    private final PrintStream err;
    private final Colours colours;
    private final boolean watched;
    private final boolean isScreen;

    /** Emphasis, by the numbers of ECMA-48's SGR. */
    public enum Style {
        BOLD("1"),
        DIM("2"),
        WARNING("1;31");

        private final String code;

        Style(String code) {
            this.code = code;
        }

        private String of(String text) {
            return "\033[" + code + "m" + text + "\033[0m";
        }
    }

    public Terminal(OutputStream out, PrintStream err, Colours colours) {
        this(out, err, colours, false);
    }

    /** @param watched whether a person sees messages as they come */
    public Terminal(OutputStream out, PrintStream err, Colours colours, boolean watched) {
        this(out, err, colours, watched, false);
    }

    private Terminal(OutputStream out, PrintStream err, Colours colours, boolean watched, boolean isScreen) {
        this.isScreen = isScreen;
        this.written = new NotingOutput(out);
        this.out = new PrintStream(written, true, StandardCharsets.UTF_8);
        this.err = err;
        this.colours = colours;
        this.watched = watched;
    }

    /** The output of this process. Each part is coloured only on a terminal, and not with NO_COLOR (no-color.org). */
    public static Terminal standard(Map<String, String> environment) {
        boolean wanted = environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !"dumb".equals(environment.getOrDefault("TERM", "dumb"));
        return new Terminal(
                new FileOutputStream(FileDescriptor.out),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                Colours.of(wanted && isTerminal(1), wanted && isTerminal(2)),
                isTerminal(2),
                isTerminal(1));
    }

    /** Whether a terminal is open there, by its name. The JDK reports a console only if standard input is also one. */
    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    public PrintStream out() {
        return out;
    }

    public PrintStream err() {
        return err;
    }

    /** Why results could not be written, from the first that was not. */
    public Optional<IOException> unwritten() {
        return written.failure();
    }

    /** Prints a result, which its maker has escaped. */
    public void print(String text) {
        out.println(text);
    }

    public void print(Json json) {
        out.println(escapeForTerminal(JsonWriter.indented(json)));
    }

    /** Prints JSON on one line, for scripts that read line by line. */
    public void printLine(Json json) {
        out.println(escapeForTerminal(JsonWriter.compact(json)));
    }

    /** An output for JSON that is printed piece by piece. */
    public Appendable escaping() {
        return new Appendable() {
            @Override
            public Appendable append(CharSequence text) {
                out.print(escapeForTerminal(text.toString()));
                return this;
            }

            @Override
            public Appendable append(CharSequence text, int start, int end) {
                return append(text.subSequence(start, end));
            }

            @Override
            public Appendable append(char c) {
                return append(String.valueOf(c));
            }
        };
    }

    /** Prints a message for people, on one line. A refusal of the guard begins with this program's name already. */
    public void complain(String message) {
        String said = REFUSAL.matcher(message).lookingAt() ? message : "labeler: " + message;
        err.println(safe(said));
    }

    /** Clears the screen for a picture that is shown again and again; elsewhere an empty line stands between two. */
    public void startPicture(boolean isFirst) {
        if (isScreen) {
            // ECMA-48: the cursor goes to the upper left, and what is below it is erased.
            out.print("\033[H\033[2J");
        } else if (!isFirst) {
            out.println();
        }
    }

    /** Whether a person sees messages as they come. */
    public boolean isWatched() {
        return watched;
    }

    /** Shows progress in place of the last such line, if a person watches. An empty text removes the line. */
    public void progress(String text) {
        if (watched) {
            err.print("\r\033[K" + safe(text));
            err.flush();
        }
    }

    /** For results. */
    String styled(Style style, String text) {
        return colours.areResults() ? style.of(text) : text;
    }

    /** For messages. */
    String styledMessage(Style style, String text) {
        return colours.areMessages() ? style.of(text) : text;
    }

    /** Text from images, definitions and services. A character that is not plainly visible becomes {@code \xNN}. */
    public static String safe(String text) {
        return Printable.text(text);
    }

    /** The same JSON, with escapes for all characters that a terminal might act on. */
    public static String escapeForTerminal(String json) {
        StringBuilder out = new StringBuilder(json.length());
        json.codePoints().forEach(codePoint -> {
            if (codePoint == '\n' || Printable.isVisible(codePoint)) {
                out.appendCodePoint(codePoint);
            } else {
                for (char c : Character.toChars(codePoint)) {
                    out.append("\\u").append(HexFormat.of().toHexDigits(c));
                }
            }
        });
        return out.toString();
    }
}

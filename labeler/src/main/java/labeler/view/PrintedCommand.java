package labeler.view;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * The output and the exit code of a command, for a script that does nothing but pass them on.
 *
 * @param err its messages
 * @param out its results
 */
public record PrintedCommand(int exitCode, String err, String out) {
    /**
     * Stands around each part. A shell splits text at one character (IFS), and this one is in no text: whatever prints
     * text escapes control characters (ECMA-48 calls this one GROUP SEPARATOR).
     */
    private static final char SEPARATOR = '\035';

    /**
     * The text that this prints.
     *
     * @param colours of the script's own outputs
     */
    public static PrintedCommand of(int exitCode, Colours colours, Consumer<Terminal> words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        words.accept(new Terminal(out, stream(err), colours));
        return new PrintedCommand(exitCode, err.toString(StandardCharsets.UTF_8), out.toString(StandardCharsets.UTF_8));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, false, StandardCharsets.UTF_8);
    }

    /** The exit code, the messages, the results, each with a separator behind it. */
    public byte[] bytes() {
        String text = String.valueOf(exitCode) + SEPARATOR + single(err) + SEPARATOR + single(out) + SEPARATOR;
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Whatever came in unescaped: a part stays one part. */
    private static String single(String text) {
        return text.replace(SEPARATOR, '?');
    }
}

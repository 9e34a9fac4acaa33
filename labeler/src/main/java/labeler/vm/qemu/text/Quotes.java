package labeler.vm.qemu.text;

/** The quotes around the strings of JSON: qemu's parser (qobject/json-lexer.c) also takes single ones. */
final class Quotes {
    private final String text;
    private final StringBuilder out = new StringBuilder();
    private int at;

    private Quotes(String text) {
        this.text = text;
    }

    /** The same JSON with all of its strings in double quotes. Text that is no JSON does not become JSON. */
    static String doubled(String text) {
        return text.indexOf('\'') < 0 ? text : new Quotes(text).doubled();
    }

    private String doubled() {
        while (at < text.length()) {
            char next = text.charAt(at++);
            if (next == '"' || next == '\'') {
                string(next);
            } else {
                out.append(next);
            }
        }
        return out.toString();
    }

    private void string(char quote) {
        out.append('"');
        while (at < text.length()) {
            char next = text.charAt(at++);
            if (next == quote) {
                out.append('"');
                return;
            } else if (next == '"') {
                out.append("\\\"");
            } else if (next == '\\' && at < text.length()) {
                char escaped = text.charAt(at++);
                // JSON itself has no escape for a single quote.
                out.append(escaped == '\'' ? "'" : "\\" + escaped);
            } else {
                out.append(next);
            }
        }
    }
}

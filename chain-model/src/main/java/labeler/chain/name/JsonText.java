package labeler.chain.name;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import labeler.chain.FileName;

/**
 * JSON as qemu reads it (qobject/json-lexer.c): also strings in single quotes; one object and nothing behind it. It is
 * made flat while it is read.
 */
sealed interface JsonText {
    /** An honest name nests four or five levels; qemu itself takes 1024. */
    int MAX_DEPTH = 64;

    /**
     * One value that is neither object nor list.
     *
     * @param key the path to it, with dots; the members of a list are numbered from 0
     * @param value a string without its quotes, anything else as it is written
     */
    record Option(String key, String value) {}

    record Flat(List<Option> options) implements JsonText {
        public Flat {
            options = List.copyOf(options);
        }
    }

    record Broken(String reason) implements JsonText {}

    static JsonText read(FileName bytes) {
        Optional<String> text = bytes.utf8();
        return text.isEmpty() ? new Broken("it is not UTF-8") : new Reader(text.get()).read();
    }

    /** Each method leaves the position behind the text that it has read, or says why it could not read it. */
    final class Reader {
        private static final String ESCAPED = "bfnrt\"'\\/";
        private static final String MEANT = "\b\f\n\r\t\"'\\/";

        private final String text;
        private final List<Option> options = new ArrayList<>();
        private int position;
        private Optional<String> wrong = Optional.empty();

        Reader(String text) {
            this.text = text;
        }

        JsonText read() {
            skipBlanks();
            if (peek() != '{') {
                return new Broken("it is no JSON object");
            }
            value("", 0);
            skipBlanks();
            if (wrong.isEmpty() && position < text.length()) {
                fail("there is something behind the object");
            }
            return wrong.<JsonText>map(Broken::new).orElseGet(() -> new Flat(options));
        }

        private void value(String key, int depth) {
            skipBlanks();
            switch (peek()) {
                case '{' -> object(key, depth + 1);
                case '[' -> list(key, depth + 1);
                case '"', '\'' -> options.add(new Option(key, string()));
                default -> options.add(new Option(key, word()));
            }
        }

        private void object(String key, int depth) {
            Set<String> members = new HashSet<>();
            group(depth, '}', _ -> {
                String name = peek() == '"' || peek() == '\'' ? string() : failed("a member has no name");
                if (!members.add(name)) {
                    fail("a member is there twice");
                }
                skipBlanks();
                expect(':');
                value(key.isEmpty() ? name : key + "." + name, depth);
            });
        }

        private void list(String key, int depth) {
            group(depth, ']', index -> value(key + "." + index, depth));
        }

        /** Elements between commas, up to the end; qemu does not accept a comma before the end. */
        private void group(int depth, char end, IntConsumer member) {
            if (depth > MAX_DEPTH) {
                fail("it is nested deeper than " + MAX_DEPTH);
                return;
            }
            position++;
            skipBlanks();
            if (peek() == end) {
                position++;
                return;
            }
            for (int index = 0; wrong.isEmpty(); index++) {
                skipBlanks();
                member.accept(index);
                skipBlanks();
                if (peek() == end) {
                    position++;
                    return;
                }
                expect(',');
            }
        }

        private String string() {
            char quote = peek();
            StringBuilder out = new StringBuilder();
            position++;
            while (position < text.length() && text.charAt(position) != quote) {
                char c = text.charAt(position++);
                if (c < ' ') {
                    return failed("a string has a control character");
                }
                if (c != '\\') {
                    out.append(c);
                } else if (!escape(out)) {
                    return failed("a string has an escape that JSON does not have");
                }
            }
            expect(quote);
            return out.toString();
        }

        private boolean escape(StringBuilder out) {
            if (position == text.length()) {
                return false;
            }
            char c = text.charAt(position++);
            if (c == 'u') {
                return unicode(out);
            }
            int index = ESCAPED.indexOf(c);
            if (index >= 0) {
                out.append(MEANT.charAt(index));
            }
            return index >= 0;
        }

        /** Not NUL, which no string of qemu's can hold. */
        private boolean unicode(StringBuilder out) {
            int end = position + 4;
            if (end > text.length() || !text.substring(position, end).matches("[0-9a-fA-F]{4}")) {
                return false;
            }
            int code = Integer.parseInt(text, position, end, 16);
            position = end;
            out.append((char) code);
            return code != 0;
        }

        /** A number or a literal. */
        private String word() {
            int start = position;
            while (position < text.length() && (Character.isLetterOrDigit(peek()) || "+-.".indexOf(peek()) >= 0)) {
                position++;
            }
            String word = text.substring(start, position);
            return word.matches("true|false|null|-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
                    ? word
                    : failed("a value is none of JSON's");
        }

        private void skipBlanks() {
            while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
                position++;
            }
        }

        private void expect(char wanted) {
            if (peek() == wanted) {
                position++;
            } else {
                fail("it lacks a '" + wanted + "'");
            }
        }

        /** NUL, which is no part of JSON, at the end. */
        private char peek() {
            return position < text.length() ? text.charAt(position) : '\0';
        }

        private void fail(String reason) {
            if (wrong.isEmpty()) {
                wrong = Optional.of(reason);
            }
        }

        private String failed(String reason) {
            fail(reason);
            return "";
        }
    }
}

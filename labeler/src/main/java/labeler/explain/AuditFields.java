package labeler.explain;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of an audit record: {@code key=value} with spaces between them. The kernel puts a text that a process chose in
 * quotes, or writes it in hexadecimal if it has a quote, a space, or a byte outside of printable ASCII
 * (audit_log_n_untrustedstring). So nothing in such a text can pretend to be a field.
 */
record AuditFields(Map<String, Value> values) {
    /** @param isQuoted whether it was in quotes, so that it is no hexadecimal */
    private record Value(String text, boolean isQuoted) {}

    /** The fields; empty if a quote does not end, or a key comes twice, which no kernel writes. */
    static Optional<AuditFields> read(String text) {
        Map<String, Value> values = new HashMap<>();
        int at = 0;
        while (at < text.length()) {
            if (text.charAt(at) == ' ') {
                at++;
                continue;
            }
            int end = wordEnd(text, at);
            int equals = text.indexOf('=', at);
            if (equals < 0 || equals >= end) {
                at = end;
                continue;
            }
            boolean isQuoted = equals + 1 < text.length() && text.charAt(equals + 1) == '"';
            int from = isQuoted ? equals + 2 : equals + 1;
            int to = isQuoted ? text.indexOf('"', from) : end;
            if (to < 0
                    || values.put(text.substring(at, equals), new Value(text.substring(from, to), isQuoted)) != null) {
                return Optional.empty();
            }
            at = isQuoted ? to + 1 : to;
        }
        return Optional.of(new AuditFields(values));
    }

    private static int wordEnd(String text, int from) {
        int space = text.indexOf(' ', from);
        return space < 0 ? text.length() : space;
    }

    /** A value as it stands. */
    Optional<String> plain(String key) {
        return Optional.ofNullable(values.get(key)).map(Value::text);
    }

    /** The number of a value; empty also if it is none. */
    Optional<Long> number(String key) {
        return plain(key).filter(text -> text.matches("\\d{1,18}")).map(Long::valueOf);
    }

    /** The bytes of a text that a process chose; empty also if the kernel knew none. */
    Optional<byte[]> bytes(String key) {
        return Optional.ofNullable(values.get(key))
                .filter(value -> !value.text().isEmpty())
                .flatMap(AuditFields::bytes);
    }

    private static Optional<byte[]> bytes(Value value) {
        String text = value.text();
        if (value.isQuoted()) {
            return Optional.of(latin(text));
        }
        if (text.equals("(null)") || text.equals("?")) {
            return Optional.empty();
        }
        // ausearch --interpret leaves out the quotes, and decodes.
        boolean isHexadecimal = text.length() % 2 == 0 && text.matches("[0-9A-F]+");
        return Optional.of(isHexadecimal ? HexFormat.of().parseHex(text) : latin(text));
    }

    private static byte[] latin(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        text.codePoints().forEach(c -> {
            if (c < 0x100) {
                bytes.write(c);
            } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
        });
        return bytes.toByteArray();
    }
}

package labeler.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import labeler.client.ServiceClient.Answered;

/** Takes an answer of HTTP/1.1 apart (RFC 9112) that was read up to the end of its connection. */
final class HttpAnswer {
    private static final int MAXIMUM_HEAD = 64 << 10;
    private static final byte[] HEAD_END = {'\r', '\n', '\r', '\n'};
    private static final byte[] LINE_END = {'\r', '\n'};

    private HttpAnswer() {}

    /** Empty where it is not a whole answer. */
    static Optional<Answered> parse(byte[] bytes) {
        int end = find(HEAD_END, bytes, 0, Math.min(bytes.length, MAXIMUM_HEAD));
        if (end < 0) {
            return Optional.empty();
        }
        String[] lines = new String(bytes, 0, end, StandardCharsets.ISO_8859_1).split("\r\n", -1);
        Optional<Integer> status = status(lines[0]);
        if (status.isEmpty()) {
            return Optional.empty();
        }
        byte[] rest = Arrays.copyOfRange(bytes, end + HEAD_END.length, bytes.length);
        if (status.get() < 200) {
            // An interim answer (100 Continue); the real one follows.
            return parse(rest);
        }
        boolean chunked = header(lines, "transfer-encoding")
                .filter(value -> value.toLowerCase(Locale.ROOT).contains("chunked"))
                .isPresent();
        Optional<byte[]> body = chunked
                ? chunks(rest)
                : sized(rest, header(lines, "content-length").orElse(""));
        return body.map(content -> new Answered(status.get(), content));
    }

    private static Optional<Integer> status(String line) {
        if (line.length() < 12 || !line.startsWith("HTTP/1.") || line.charAt(8) != ' ') {
            return Optional.empty();
        }
        return number(line.substring(9, 12), 10);
    }

    private static Optional<String> header(String[] lines, String name) {
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).equalsIgnoreCase(name)) {
                return Optional.of(line.substring(colon + 1).strip());
            }
        }
        return Optional.empty();
    }

    /** Without a length, the body is what came until the end. */
    private static Optional<byte[]> sized(byte[] rest, String length) {
        if (length.isEmpty()) {
            return Optional.of(rest);
        }
        return number(length, 10).filter(size -> size <= rest.length).map(size -> Arrays.copyOf(rest, size));
    }

    private static Optional<byte[]> chunks(byte[] rest) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int position = 0;
        while (true) {
            int lineEnd = find(LINE_END, rest, position, rest.length);
            if (lineEnd < 0) {
                return Optional.empty();
            }
            String line = new String(rest, position, lineEnd - position, StandardCharsets.ISO_8859_1);
            int extension = line.indexOf(';');
            Optional<Integer> size =
                    number(extension < 0 ? line : line.substring(0, extension).strip(), 16);
            position = lineEnd + LINE_END.length;
            if (size.isEmpty() || size.get() > rest.length - position) {
                return Optional.empty();
            }
            if (size.get() == 0) {
                return Optional.of(body.toByteArray());
            }
            body.write(rest, position, size.get());
            position += size.get() + LINE_END.length;
        }
    }

    private static Optional<Integer> number(String digits, int radix) {
        try {
            return digits.startsWith("-") || digits.startsWith("+")
                    ? Optional.empty()
                    : Optional.of(Integer.parseInt(digits, radix));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Where {@code wanted} begins in {@code bytes} between two positions; -1 if nowhere. */
    private static int find(byte[] wanted, byte[] bytes, int from, int to) {
        for (int i = from; i <= to - wanted.length; i++) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }
}

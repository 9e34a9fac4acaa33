package labeler.client;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An answer of HTTP/1.1 (RFC 9112), parsed while it is read. A body that is cut off ends with an exception.
 *
 * @param body closed together with its source
 */
record HttpAnswer(int status, InputStream body) {
    private static final int MAXIMUM_HEAD = 64 << 10;
    private static final String HEAD_END = "\r\n\r\n";

    /** A chunk's length in hexadecimal, and its extensions. */
    private static final int MAXIMUM_CHUNK_LINE = 256;

    /** Reads the head, up to the body; empty if it is not the head of an answer. */
    static Optional<HttpAnswer> read(InputStream in) throws IOException {
        while (true) {
            Optional<List<String>> head = head(in);
            Optional<Integer> status = head.flatMap(lines -> status(lines.getFirst()));
            if (status.isEmpty()) {
                return Optional.empty();
            }
            if (status.get() >= 200) {
                return body(in, head.get()).map(body -> new HttpAnswer(status.get(), body));
            }
            // An interim answer (100 Continue); the real one follows.
        }
    }

    private static Optional<List<String>> head(InputStream in) throws IOException {
        return line(in, HEAD_END, MAXIMUM_HEAD).map(text -> List.of(text.split("\r\n", -1)));
    }

    /** The text before this end; empty if the end does not come within {@code most} bytes. */
    private static Optional<String> line(InputStream in, String end, int most) throws IOException {
        byte[] wanted = end.getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int matched = 0;
        while (line.size() < most) {
            int next = in.read();
            if (next < 0) {
                return Optional.empty();
            }
            line.write(next);
            matched = next == wanted[matched] ? matched + 1 : next == wanted[0] ? 1 : 0;
            if (matched == wanted.length) {
                byte[] bytes = line.toByteArray();
                return Optional.of(new String(bytes, 0, bytes.length - wanted.length, StandardCharsets.ISO_8859_1));
            }
        }
        return Optional.empty();
    }

    private static Optional<Integer> status(String line) {
        if (line.length() < 12 || !line.startsWith("HTTP/1.") || line.charAt(8) != ' ') {
            return Optional.empty();
        }
        return number(line.substring(9, 12), 10).map(Long::intValue);
    }

    private static Optional<String> header(List<String> lines, String name) {
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).equalsIgnoreCase(name)) {
                return Optional.of(line.substring(colon + 1).strip());
            }
        }
        return Optional.empty();
    }

    /** Without a length, the body reaches to the end of the stream. */
    private static Optional<InputStream> body(InputStream in, List<String> head) {
        boolean chunked = header(head, "transfer-encoding")
                .filter(value -> value.toLowerCase(Locale.ROOT).contains("chunked"))
                .isPresent();
        if (chunked) {
            return Optional.of(new Chunked(in));
        }
        Optional<String> length = header(head, "content-length");
        return length.isEmpty() ? Optional.of(in) : number(length.get(), 10).map(size -> new Sized(in, size));
    }

    private static Optional<Long> number(String digits, int radix) {
        try {
            return digits.startsWith("-") || digits.startsWith("+")
                    ? Optional.empty()
                    : Optional.of(Long.parseLong(digits, radix));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static IOException cutOff() {
        return new EOFException("the connection ended before the answer did");
    }

    /** A part of the stream of known length. */
    private static class Sized extends InputStream {
        final InputStream in;
        long left;

        Sized(InputStream in, long left) {
            this.in = in;
            this.left = left;
        }

        /** Whether there is more, once that is known. */
        boolean hasMore() throws IOException {
            return left > 0;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!hasMore()) {
                return -1;
            }
            int read = in.read(target, offset, (int) Math.min(length, left));
            if (read < 0) {
                throw cutOff();
            }
            left -= read;
            return read;
        }
    }

    /** Parts, each after its length. A part of length 0 is the end. */
    private static final class Chunked extends Sized {
        private boolean isFirst = true;
        private boolean isOver;

        Chunked(InputStream in) {
            super(in, 0);
        }

        @Override
        boolean hasMore() throws IOException {
            if (left == 0 && !isOver) {
                if (!isFirst && !Arrays.equals(in.readNBytes(2), new byte[] {'\r', '\n'})) {
                    throw cutOff();
                }
                isFirst = false;
                left = line(in, "\r\n", MAXIMUM_CHUNK_LINE)
                        .map(line -> line.replaceFirst(";.*", "").strip())
                        .flatMap(digits -> number(digits, 16))
                        .orElseThrow(HttpAnswer::cutOff);
                isOver = left == 0;
            }
            return left > 0;
        }
    }
}

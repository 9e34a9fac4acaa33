package labeler.chain.format.vmdk;

import java.util.Map;
import java.util.Optional;
import labeler.chain.format.Reference.ExtentKind;

/**
 * One extent, scanned as {@code sscanf(line, "%10s %lld %10s \"%511[^\n\r\"]\" %lld")} does: white space between the
 * parts may be any, line ends included, or none.
 */
sealed interface ExtentLine {
    int MAX_WORD = 10;
    int MAX_NAME = 511;
    String READ_WRITE = "RW";
    Map<String, ExtentKind> KINDS = Map.of(
            "FLAT", ExtentKind.FLAT,
            "VMFS", ExtentKind.FLAT,
            "SPARSE", ExtentKind.SPARSE,
            "VMFSSPARSE", ExtentKind.SPARSE,
            "SESPARSE", ExtentKind.SPACE_EFFICIENT);

    /** No extent, or one that qemu skips. */
    record Other() implements ExtentLine {}

    /** An extent for which qemu refuses the image. */
    record Broken() implements ExtentLine {}

    record Usable(String name, ExtentKind kind, long sectors) implements ExtentLine {}

    static ExtentLine scan(String text, int start) {
        Scanner scanner = new Scanner(text, start);
        String access = scanner.word();
        if (!access.equals(READ_WRITE)) {
            return new Other();
        }
        Optional<Long> sectors = scanner.number();
        if (sectors.isEmpty()) {
            return new Other();
        }
        String type = scanner.word();
        Optional<String> name = scanner.openingQuote() ? scanner.name() : Optional.empty();
        if (type.isEmpty() || name.isEmpty()) {
            return new Other();
        }
        Optional<Long> offset = scanner.closingQuote() ? scanner.number() : Optional.empty();
        boolean offsetRight = type.equals("FLAT") ? offset.filter(o -> o >= 0).isPresent() : offset.isEmpty();
        if (!offsetRight) {
            return new Broken();
        }
        return Optional.ofNullable(KINDS.get(type))
                .filter(_ -> sectors.get() > 0)
                .<ExtentLine>map(kind -> new Usable(name.get(), kind, sectors.get()))
                .orElseGet(Other::new);
    }

    /** The conversions of that one format string. */
    final class Scanner {
        private static final long LIMIT = Long.MAX_VALUE / 10 - 1;

        private final String text;
        private int position;

        Scanner(String text, int position) {
            this.text = text;
            this.position = position;
        }

        String word() {
            skipSpace();
            int start = position;
            while (position < text.length() && position - start < MAX_WORD && !isSpace(text.charAt(position))) {
                position++;
            }
            return text.substring(start, position);
        }

        Optional<Long> number() {
            skipSpace();
            boolean negative = position < text.length() && text.charAt(position) == '-';
            if (negative || (position < text.length() && text.charAt(position) == '+')) {
                position++;
            }
            int start = position;
            long value = 0;
            while (position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9') {
                // The C library stops at the largest number; nothing here depends on which.
                value = value > LIMIT ? Long.MAX_VALUE : value * 10 + (text.charAt(position) - '0');
                position++;
            }
            return position == start ? Optional.empty() : Optional.of(negative ? -value : value);
        }

        boolean openingQuote() {
            skipSpace();
            return quote();
        }

        Optional<String> name() {
            int start = position;
            while (position < text.length()
                    && position - start < MAX_NAME
                    && "\n\r\"".indexOf(text.charAt(position)) < 0) {
                position++;
            }
            return position == start ? Optional.empty() : Optional.of(text.substring(start, position));
        }

        boolean closingQuote() {
            return quote();
        }

        private boolean quote() {
            if (position < text.length() && text.charAt(position) == '"') {
                position++;
                return true;
            }
            return false;
        }

        private void skipSpace() {
            while (position < text.length() && isSpace(text.charAt(position))) {
                position++;
            }
        }

        private static boolean isSpace(char c) {
            return c == ' ' || (c >= '\t' && c <= '\r');
        }
    }
}

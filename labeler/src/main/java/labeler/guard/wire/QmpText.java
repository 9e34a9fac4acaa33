package labeler.guard.wire;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The text of a string token, as qemu decodes it. */
final class QmpText {
    private static final int HEXADECIMAL = 16;
    private static final int ESCAPED_DIGITS = 4;

    private final byte[] bytes;
    private final StringBuilder text = new StringBuilder();
    private int at = 1;

    private QmpText(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A text, or why there is none. */
    sealed interface Result {}

    record Decoded(String text) implements Result {}

    record NotText(String reason) implements Result {}

    /**
     * Decodes a token.
     *
     * @param token with its quotes
     */
    static Result of(byte[] token) {
        return new QmpText(token).decode();
    }

    private Result decode() {
        while (at < bytes.length - 1) {
            Optional<String> wrong = bytes[at] == '\\' ? escape() : character();
            if (wrong.isPresent()) {
                return new NotText(wrong.get());
            }
        }
        return new Decoded(text.toString());
    }

    private Optional<String> escape() {
        int letter = bytes[at + 1] & 0xff;
        at += 2;
        switch (letter) {
            case '"', '\'', '\\', '/' -> text.append((char) letter);
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'u' -> {
                return unicode();
            }
            default -> {
                return Optional.of("invalid escape sequence in string");
            }
        }
        return Optional.empty();
    }

    private Optional<String> unicode() {
        int begin = at - 2;
        int character = hexadecimal(at);
        at += ESCAPED_DIGITS;
        if (character >= 0 && Character.isHighSurrogate((char) character) && isUnicodeEscape()) {
            int low = hexadecimal(at + 2);
            if (low >= 0 && Character.isLowSurrogate((char) low)) {
                at += 2 + ESCAPED_DIGITS;
                character = Character.toCodePoint((char) character, (char) low);
            }
        }
        if (!isCharacter(character)) {
            // The closing quote, too, where there are too few digits.
            String shown = new String(bytes, begin, Math.min(at, bytes.length) - begin, StandardCharsets.ISO_8859_1);
            return Optional.of(shown + " is not a valid Unicode character");
        }
        text.appendCodePoint(character);
        return Optional.empty();
    }

    private boolean isUnicodeEscape() {
        return at + 1 < bytes.length && bytes[at] == '\\' && bytes[at + 1] == 'u';
    }

    /** The value of four digits; -1 where there are none. */
    private int hexadecimal(int begin) {
        int value = 0;
        for (int i = begin; i < begin + ESCAPED_DIGITS; i++) {
            int digit = i < bytes.length ? Character.digit(bytes[i], HEXADECIMAL) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value * HEXADECIMAL + digit;
        }
        return value;
    }

    /** One character of UTF-8, of which qemu takes NUL in two bytes. */
    private Optional<String> character() {
        int first = bytes[at] & 0xff;
        int more = first < 0x80 ? 0 : first < 0xc0 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf8 ? 3 : -1;
        if (more < 0) {
            return Optional.of("invalid UTF-8 sequence in string");
        }
        int value = more == 0 ? first : first & (0x3f >> more);
        for (int i = 1; i <= more; i++) {
            int next = at + i < bytes.length - 1 ? bytes[at + i] & 0xff : 0;
            if ((next & 0xc0) != 0x80) {
                return Optional.of("invalid UTF-8 sequence in string");
            }
            value = (value << 6) | (next & 0x3f);
        }
        boolean isShortest = value >= SMALLEST[more] || (more == 1 && value == 0);
        if (!isShortest || !isCharacter(value)) {
            return Optional.of("invalid UTF-8 sequence in string");
        }
        at += more + 1;
        text.appendCodePoint(value);
        return Optional.empty();
    }

    /** The smallest character of so many bytes after the first. */
    private static final int[] SMALLEST = {0, 0x80, 0x800, 0x10000};

    /** Neither half a surrogate pair nor one of Unicode's noncharacters. */
    private static boolean isCharacter(int value) {
        return value >= 0
                && value <= Character.MAX_CODE_POINT
                && !(value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE)
                && !(value >= 0xfdd0 && value <= 0xfdef)
                && (value & 0xfffe) != 0xfffe;
    }
}

package labeler.chain;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The name of a file in the bytes in which a header, a command line or a user gave it. It need not be UTF-8, it may be
 * hostile, and it must not be normalised: only the kernel knows where {@code link/../x} leads.
 */
public final class FileName {
    private final byte[] bytes;

    private FileName(byte[] bytes) {
        this.bytes = bytes;
    }

    public static FileName of(byte[] bytes) {
        return new FileName(bytes.clone());
    }

    public static FileName of(String text) {
        return new FileName(text.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    public byte at(int index) {
        return bytes[index];
    }

    public boolean isEmpty() {
        return bytes.length == 0;
    }

    public boolean isAbsolute() {
        return bytes.length > 0 && bytes[0] == '/';
    }

    public boolean startsWith(String ascii) {
        byte[] prefix = ascii.getBytes(StandardCharsets.US_ASCII);
        return bytes.length >= prefix.length && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    /** The bytes from {@code start} on. */
    public FileName from(int start) {
        return new FileName(Arrays.copyOfRange(bytes, start, bytes.length));
    }

    /** The first {@code end} bytes. */
    public FileName until(int end) {
        return new FileName(Arrays.copyOf(bytes, end));
    }

    /** The bytes of this name and then those of the other; no slash is put between them. */
    public FileName concat(FileName other) {
        byte[] joined = Arrays.copyOf(bytes, bytes.length + other.bytes.length);
        System.arraycopy(other.bytes, 0, joined, bytes.length, other.bytes.length);
        return new FileName(joined);
    }

    /** The text if it is valid UTF-8. */
    public Optional<String> utf8() {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** A form for messages: printable ASCII as it is, every other byte as {@code \xNN}. */
    public String printable() {
        StringBuilder out = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            if (b >= ' ' && b < 0x7f) {
                out.append((char) b);
            } else {
                HexFormat.of().toHexDigits(out.append("\\x"), b);
            }
        }
        return out.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FileName name && Arrays.equals(bytes, name.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return utf8().filter(text -> text.chars().noneMatch(Character::isISOControl))
                .orElseGet(this::printable);
    }
}

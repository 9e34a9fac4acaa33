package labeler.selinux;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The bytes of a file's {@code security.selinux} attribute, kept exactly so that exactly they can be put back. Whether
 * they end in a NUL depends on who wrote them (libselinux does, setfattr does not) and means nothing, so equality looks
 * past it.
 */
public final class StoredLabel {
    private final byte[] bytes;

    private StoredLabel(byte[] bytes) {
        this.bytes = bytes;
    }

    public static StoredLabel of(byte[] bytes) {
        return new StoredLabel(bytes.clone());
    }

    /** As libselinux would store it, with a NUL at the end. */
    public static StoredLabel of(SecurityContext context) {
        return new StoredLabel((context + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** Whether both are the same to the last byte, a NUL at the end and all. */
    public boolean hasSameBytes(StoredLabel other) {
        return Arrays.equals(bytes, other.bytes);
    }

    /** The context that the bytes spell; empty if they spell none. */
    public Optional<SecurityContext> context() {
        return SecurityContext.parse(text());
    }

    /** The level of the context, if it is one of a VM. */
    public Optional<Level> level() {
        String[] parts = text().split(":", 4);
        return parts.length == 4 ? Level.parse(parts[3]) : Optional.empty();
    }

    private String text() {
        return new String(bytes, 0, significant(), StandardCharsets.ISO_8859_1);
    }

    /** For people and JSON: the context, or whatever else it is, in hexadecimal. */
    public String printable() {
        return context()
                .map(SecurityContext::toString)
                .orElseGet(() -> "0x" + HexFormat.of().formatHex(bytes));
    }

    private int significant() {
        return bytes.length > 0 && bytes[bytes.length - 1] == 0 ? bytes.length - 1 : bytes.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StoredLabel label && text().equals(label.text());
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }

    @Override
    public String toString() {
        return printable();
    }
}

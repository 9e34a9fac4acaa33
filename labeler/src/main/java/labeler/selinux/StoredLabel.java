package labeler.selinux;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The bytes of a file's {@code security.selinux} attribute, kept exactly so that they can be restored exactly. A NUL at
 * the end depends on the writer (libselinux writes one, setfattr does not) and means nothing. So equality ignores it.
 */
public final class StoredLabel implements Comparable<StoredLabel> {
    private final byte[] bytes;

    private StoredLabel(byte[] bytes) {
        this.bytes = bytes;
    }

    public static StoredLabel of(byte[] bytes) {
        return new StoredLabel(bytes.clone());
    }

    /** The label as libselinux stores it, with a NUL at the end. */
    public static StoredLabel of(SecurityContext context) {
        return new StoredLabel((context + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** Whether all bytes are the same, including a NUL at the end. */
    public boolean hasSameBytes(StoredLabel other) {
        return Arrays.equals(bytes, other.bytes);
    }

    /** The context in the bytes; empty if they are no context. */
    public Optional<SecurityContext> context() {
        return SecurityContext.parse(text());
    }

    /** The context's level, if it is a VM's level. */
    public Optional<Level> level() {
        String[] parts = text().split(":", 4);
        return parts.length == 4 ? Level.parse(parts[3]) : Optional.empty();
    }

    /**
     * Whether it is one of these, or has the category pair of one. A pair belongs to one VM alone, so the label is for that
     * VM, whatever its user and its type are, and whoever has set it.
     */
    public boolean isFor(Collection<StoredLabel> labels) {
        return labels.contains(this)
                || level().filter(own ->
                                labels.stream().anyMatch(label -> label.level().equals(Optional.of(own))))
                        .isPresent();
    }

    private String text() {
        return new String(bytes, 0, significant(), StandardCharsets.ISO_8859_1);
    }

    /** The label for people and JSON: the context or any other plain text, or other bytes in hexadecimal. */
    public String printable() {
        return isPlain() ? text() : "0x" + HexFormat.of().formatHex(bytes);
    }

    /** Whether people can read it: also a label that is no context, or one of a policy that this host does not have. */
    private boolean isPlain() {
        String text = text();
        return !text.isEmpty() && text.chars().allMatch(character -> character > ' ' && character <= '~');
    }

    private int significant() {
        return bytes.length > 0 && bytes[bytes.length - 1] == 0 ? bytes.length - 1 : bytes.length;
    }

    @Override
    public int compareTo(StoredLabel other) {
        return text().compareTo(other.text());
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof StoredLabel label && text().equals(label.text()));
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

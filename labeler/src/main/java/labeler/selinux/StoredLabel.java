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

    // Both are asked for of each file, at each change of its record.
    private final int hash;
    private final Optional<Level> level;

    private StoredLabel(byte[] bytes) {
        this.bytes = bytes;
        String text = text();
        this.hash = text.hashCode();
        this.level = levelIn(text);
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
        return level;
    }

    /** Behind the third colon. */
    private static Optional<Level> levelIn(String text) {
        int at = -1;
        for (int colon = 0; colon < 3; colon++) {
            at = text.indexOf(':', at + 1);
            if (at < 0) {
                return Optional.empty();
            }
        }
        return Level.parse(text.substring(at + 1));
    }

    /**
     * Whether it is one of these, or has the category pair of one. A pair belongs to one VM alone, so the label is for that
     * VM, whatever its user and its type are, and whoever has set it.
     */
    public boolean isFor(Collection<StoredLabel> labels) {
        return labels.contains(this)
                || (level.isPresent() && labels.stream().anyMatch(label -> label.level.equals(level)));
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
        return Arrays.compareUnsigned(bytes, 0, significant(), other.bytes, 0, other.significant());
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof StoredLabel label
                        && hash == label.hash
                        && Arrays.equals(bytes, 0, significant(), label.bytes, 0, label.significant()));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return printable();
    }
}

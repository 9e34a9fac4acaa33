package labeler.vm;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A VM's name: any name that libvirt allows, except those that could break a log line or a URL. */
public record VmName(String value) {
    private static final int MAXIMUM_LENGTH = 255;

    public VmName {
        if (!isName(value)) {
            throw new IllegalArgumentException("not a VM name");
        }
    }

    /** Empty if it is no name: no characters or more than 255, control characters, a slash, {@code .}, {@code ..}. */
    public static Optional<VmName> parse(String text) {
        return isName(text) ? Optional.of(new VmName(text)) : Optional.empty();
    }

    private static boolean isName(String text) {
        return !text.isEmpty()
                && text.length() <= MAXIMUM_LENGTH
                && !text.equals(".")
                && !text.equals("..")
                && text.codePoints()
                        .noneMatch(c -> c == '/'
                                || Character.isISOControl(c)
                                || Character.getType(c) == Character.SURROGATE
                                || Character.getType(c) == Character.FORMAT
                                || Character.getType(c) == Character.LINE_SEPARATOR
                                || Character.getType(c) == Character.PARAGRAPH_SEPARATOR);
    }

    /**
     * ASCII, since the JDK makes no other paths in the C locale: every other byte of its UTF-8 is {@code %NN}. A point
     * at the start is encoded as well: our own names beside it begin with a point.
     */
    public String asFileName() {
        StringBuilder out = new StringBuilder(value.length());
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            boolean isFirstPoint = b == '.' && out.isEmpty();
            if (b > ' ' && b != '%' && b != 0x7f && !isFirstPoint) {
                out.append((char) b);
            } else {
                out.append("%%%02X".formatted(b & 0xff));
            }
        }
        return out.toString();
    }

    @Override
    public String toString() {
        return value;
    }
}

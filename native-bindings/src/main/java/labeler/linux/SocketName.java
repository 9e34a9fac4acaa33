package labeler.linux;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where a Unix socket is found: at a path, or by a name that no file system has (an abstract one, unix(7)).
 *
 * @param text the path, or the name without what marks it
 */
public record SocketName(HostPath text, boolean isAbstract) {
    /** Of {@code sun_path}, with room for the NUL that ends a path or begins an abstract name. */
    public static final int MAXIMUM_LENGTH = 107;

    public SocketName {
        if (text.length() > MAXIMUM_LENGTH) {
            throw new IllegalArgumentException("longer than " + MAXIMUM_LENGTH + " bytes");
        }
    }

    /** Reads the form that sd_notify(3) has in {@code NOTIFY_SOCKET}; empty for any other, which no datagram reaches. */
    public static Optional<SocketName> parse(String text) {
        boolean isAbstract = text.startsWith("@");
        if (!isAbstract && !text.startsWith("/")) {
            return Optional.empty();
        }
        return HostPath.parse(text.substring(isAbstract ? 1 : 0).getBytes(StandardCharsets.UTF_8))
                .filter(name -> name.length() <= MAXIMUM_LENGTH)
                .map(name -> new SocketName(name, isAbstract));
    }

    /** As {@link #parse} reads it. */
    public String printable() {
        return (isAbstract ? "@" : "") + text.printable();
    }
}

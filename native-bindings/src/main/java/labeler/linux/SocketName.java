package labeler.linux;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The address of a Unix socket: a path, or a name that is not in a file system (an abstract name, unix(7)).
 *
 * @param text the path, or the name without its mark
 */
public record SocketName(HostPath text, boolean isAbstract) {
    /** The bytes of {@code sun_path}, with room for the NUL that ends a path or begins an abstract name. */
    public static final int MAXIMUM_LENGTH = 107;

    public SocketName {
        if (text.length() > MAXIMUM_LENGTH) {
            throw new IllegalArgumentException("longer than " + MAXIMUM_LENGTH + " bytes");
        }
    }

    /**
     * Reads the form that sd_notify(3) has in {@code NOTIFY_SOCKET}; empty for any other form, which no datagram can
     * reach.
     */
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

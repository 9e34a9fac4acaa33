package labeler.linux;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A path as the kernel sees it: bytes, not characters. Linux allows every byte but NUL (and, in a component, '/'), so a
 * path need not be UTF-8 and must never be normalised: only the kernel knows where {@code link/../x} leads.
 */
public final class HostPath implements Comparable<HostPath> {
    /** {@code PATH_MAX} of linux/limits.h, with the NUL that ends the string. */
    public static final int MAXIMUM_LENGTH = 4095;

    /** Below it nothing is, whatever name is asked for. */
    private static final Path NOWHERE = Path.of("/dev/null");

    private final byte[] bytes;

    private HostPath(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The path with exactly these bytes.
     *
     * @throws IllegalArgumentException if it is empty or has a NUL; hostile input goes through {@link #parse}
     */
    public static HostPath of(byte[] bytes) {
        return parse(bytes).orElseThrow(() -> new IllegalArgumentException("not a path: empty, or with a NUL byte"));
    }

    /** The path whose bytes are the UTF-8 form of {@code text}. */
    public static HostPath of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A path of the JDK's in the kernel's bytes, absolute. The JDK keeps the bytes, but its text is in the locale's
     * encoding and loses bytes that do not fit; only its URI shows all bytes. For that the JDK asks the file system whether
     * the path is a directory, and a file system may not answer: so it is asked about a path below {@link #NOWHERE}.
     */
    public static HostPath of(Path path) {
        Path absolute = path.toAbsolutePath();
        if (absolute.getNameCount() == 0) {
            return of("/");
        }
        byte[] encoded = NOWHERE.resolve(absolute.subpath(0, absolute.getNameCount()))
                .toUri()
                .getRawPath()
                .substring(NOWHERE.toString().length())
                .getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length);
        for (int i = 0; i < encoded.length; i++) {
            if (encoded[i] == '%') {
                bytes.write(Character.digit(encoded[i + 1], 16) << 4 | Character.digit(encoded[i + 2], 16));
                i += 2;
            } else {
                bytes.write(encoded[i]);
            }
        }
        return of(bytes.toByteArray());
    }

    /** The path with these bytes, or empty if no file can have that name: no bytes at all, or a NUL among them. */
    public static Optional<HostPath> parse(byte[] bytes) {
        if (bytes.length == 0) {
            return Optional.empty();
        }
        for (byte b : bytes) {
            if (b == 0) {
                return Optional.empty();
            }
        }
        return Optional.of(new HostPath(bytes.clone()));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    public boolean isAbsolute() {
        return bytes[0] == '/';
    }

    /** This path if absolute, else this path below {@code directory}; nothing is normalised. */
    public HostPath from(HostPath directory) {
        if (isAbsolute()) {
            return this;
        }
        return directory.child(bytes);
    }

    /** {@code this + "/" + name}, nothing normalised. */
    public HostPath child(byte[] name) {
        boolean slash = bytes[bytes.length - 1] == '/';
        byte[] joined = Arrays.copyOf(bytes, bytes.length + (slash ? 0 : 1) + name.length);
        if (!slash) {
            joined[bytes.length] = '/';
        }
        System.arraycopy(name, 0, joined, joined.length - name.length, name.length);
        return new HostPath(joined);
    }

    /** As {@link #child(byte[])}, with a name in UTF-8. */
    public HostPath child(String name) {
        return child(name.getBytes(StandardCharsets.UTF_8));
    }

    /** The path up to its last slash: {@code /} for {@code /x}, {@code .} for a path with no slash. */
    public HostPath parent() {
        int slash = bytes.length - 1;
        while (slash >= 0 && bytes[slash] != '/') {
            slash--;
        }
        if (slash < 0) {
            return HostPath.of(".");
        }
        return new HostPath(Arrays.copyOf(bytes, Math.max(slash, 1)));
    }

    /** The part behind the last slash. */
    public byte[] lastName() {
        return Arrays.copyOfRange(
                bytes, new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf('/') + 1, bytes.length);
    }

    /** Whether it is the name of something in this directory, at any depth. Only names are compared. */
    public boolean isBelow(HostPath directory) {
        byte[] above = directory.bytes;
        boolean isRoot = above.length == 1 && above[0] == '/';
        return bytes.length > above.length
                && Arrays.equals(bytes, 0, above.length, above, 0, above.length)
                && (isRoot || bytes[above.length] == '/');
    }

    /** Whether its last name may be that of an entry: it is not empty, and neither {@code .} nor {@code ..}. */
    public boolean namesEntry() {
        String name = new String(lastName(), StandardCharsets.ISO_8859_1);
        return !name.isEmpty() && !name.equals(".") && !name.equals("..");
    }

    /**
     * Whether it is written as this directory and the name of an entry of it. Only bytes are compared: another way to write
     * the same place is none.
     */
    public boolean isEntryOf(HostPath directory) {
        return namesEntry() && equals(directory.child(lastName()));
    }

    /** The text of the path if it is valid UTF-8. */
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

    /**
     * The path for the JDK, with exactly these bytes under any locale; repeated slashes, and one at the end, are left
     * out.
     */
    public Path jdkPath() {
        StringBuilder uri = new StringBuilder(isAbsolute() ? "file://" : "file:///");
        for (byte b : bytes) {
            boolean plain = b == '/' || b == '.' || b == '-' || b == '_' || (b >= 0 && Character.isLetterOrDigit(b));
            uri.append(plain ? String.valueOf((char) b) : String.format("%%%02X", b & 0xff));
        }
        Path path = Path.of(URI.create(uri.toString()));
        return isAbsolute() ? path : path.subpath(0, path.getNameCount());
    }

    /** A form for people, safe on a terminal: control characters, and bytes that are not UTF-8, become {@code \xNN}. */
    public String printable() {
        return Printable.escape(bytes);
    }

    @Override
    public int compareTo(HostPath other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HostPath path && Arrays.equals(bytes, path.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return printable();
    }
}

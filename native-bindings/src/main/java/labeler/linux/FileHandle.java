package labeler.linux;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A file system's own name for a file, which a rename does not change: inode and generation in most of them. It
 * outlives a reboot, and has no meaning on another file system (name_to_handle_at(2), since Linux 2.6.39).
 */
public final class FileHandle {
    /** {@code MAX_HANDLE_SZ}: no file system makes a longer one. */
    public static final int MAXIMUM_LENGTH = 128;

    private final int type;
    private final byte[] bytes;

    /**
     * A handle as the kernel gave it.
     *
     * @param type the file system's number for the kind of the bytes
     * @param bytes at most {@link #MAXIMUM_LENGTH}
     */
    public FileHandle(int type, byte[] bytes) {
        if (bytes.length > MAXIMUM_LENGTH) {
            throw new IllegalArgumentException("a file handle of " + bytes.length + " bytes");
        }
        this.type = type;
        this.bytes = bytes.clone();
    }

    /** Reads the form that {@link #stored} wrote; empty for anything else. */
    public static Optional<FileHandle> read(byte[] stored) {
        if (stored.length < Integer.BYTES || stored.length > Integer.BYTES + MAXIMUM_LENGTH) {
            return Optional.empty();
        }
        int type = ByteBuffer.wrap(stored).getInt();
        return Optional.of(new FileHandle(type, Arrays.copyOfRange(stored, Integer.BYTES, stored.length)));
    }

    public int type() {
        return type;
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** Both parts in one, for a record that outlives this process. */
    public byte[] stored() {
        return ByteBuffer.allocate(Integer.BYTES + bytes.length)
                .putInt(type)
                .put(bytes)
                .array();
    }

    /** The same as text. */
    public String hexadecimal() {
        return HexFormat.of().formatHex(stored());
    }

    /** Reads the form that {@link #hexadecimal} wrote; empty for anything else. */
    public static Optional<FileHandle> ofHexadecimal(String text) {
        try {
            return read(HexFormat.of().parseHex(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FileHandle handle && type == handle.type && Arrays.equals(bytes, handle.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * type + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "handle of " + bytes.length + " bytes";
    }
}

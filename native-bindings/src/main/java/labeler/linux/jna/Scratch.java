package labeler.linux.jna;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import labeler.linux.HostPath;

/**
 * Memory outside the heap for one call at a time: a path, a name, a structure, some data. Comes from a
 * {@link ScratchPool} and goes back to it.
 */
final class Scratch implements AutoCloseable {
    private static final byte[] DESCRIPTORS = "/proc/self/fd/".getBytes(StandardCharsets.US_ASCII);

    private static final int PATH = 0;
    private static final int NAME = PATH + HostPath.MAXIMUM_LENGTH + 1;
    private static final int NAME_SIZE = 256;
    private static final int STRUCTURE = NAME + NAME_SIZE;
    private static final int STRUCTURE_SIZE = 512;
    /** Within the structure area, behind the largest structure (statx). */
    private static final int POLL = 384;

    private static final int DATA = STRUCTURE + STRUCTURE_SIZE;

    /** Room for data: the most that an attribute or a list of their names can take (XATTR_SIZE_MAX). */
    static final int DATA_SIZE = 65536;

    private final ScratchPool pool;
    private final ByteBuffer buffer;
    private final long address;

    Scratch(ScratchPool pool) {
        this.pool = pool;
        this.buffer = ByteBuffer.allocateDirect(DATA + DATA_SIZE).order(ByteOrder.nativeOrder());
        this.address = LibC.address(buffer);
    }

    /** Stores a path with its NUL and returns its address. The path has at most {@link HostPath#MAXIMUM_LENGTH} bytes. */
    long path(byte[] bytes) {
        return string(PATH, bytes, HostPath.MAXIMUM_LENGTH);
    }

    /** Stores a short name with its NUL and returns its address. */
    long name(byte[] bytes) {
        return string(NAME, bytes, NAME_SIZE - 1);
    }

    /** Stores the decimal form of a descriptor's number as the name. */
    long name(int number) {
        decimal(NAME, number);
        return address + NAME;
    }

    /** Stores the path that leads to a descriptor's file, and returns its address. */
    long descriptorPath(int number) {
        buffer.put(PATH, DESCRIPTORS);
        decimal(PATH + DESCRIPTORS.length, number);
        return address + PATH;
    }

    private void decimal(int at, int number) {
        int digits = 1;
        for (int rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        buffer.put(at + digits, (byte) 0);
        int rest = number;
        for (int i = digits - 1; i >= 0; i--) {
            buffer.put(at + i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
    }

    /** The empty string, for AT_EMPTY_PATH. */
    long emptyName() {
        buffer.put(NAME, (byte) 0);
        return address + NAME;
    }

    private long string(int at, byte[] bytes, int maximum) {
        if (bytes.length > maximum) {
            throw new IllegalArgumentException("longer than " + maximum + " bytes");
        }
        buffer.put(at, bytes);
        buffer.put(at + bytes.length, (byte) 0);
        return address + at;
    }

    long structure() {
        return address + STRUCTURE;
    }

    int getInt(int offset) {
        return buffer.getInt(STRUCTURE + offset);
    }

    int getShort(int offset) {
        return buffer.getShort(STRUCTURE + offset) & 0xffff;
    }

    long getLong(int offset) {
        return buffer.getLong(STRUCTURE + offset);
    }

    void putInt(int offset, int value) {
        buffer.putInt(STRUCTURE + offset, value);
    }

    void putLong(int offset, long value) {
        buffer.putLong(STRUCTURE + offset, value);
    }

    /** Part of the structure area. */
    byte[] structure(int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.get(STRUCTURE + offset, bytes);
        return bytes;
    }

    void putStructure(int offset, byte[] bytes) {
        buffer.put(STRUCTURE + offset, bytes);
    }

    long data() {
        return address + DATA;
    }

    /** The first bytes of the data area. */
    byte[] data(int length) {
        byte[] bytes = new byte[length];
        buffer.get(DATA, bytes);
        return bytes;
    }

    /** A view of the first bytes of the data area, in native order. */
    ByteBuffer dataBuffer(int length) {
        return buffer.slice(DATA, length).order(ByteOrder.nativeOrder());
    }

    /** Stores a struct pollfd behind the structure in use, and returns its address. */
    long poll(int descriptor, int events) {
        putInt(POLL + Abi.Poll.FD, descriptor);
        putInt(POLL + Abi.Poll.EVENTS, events);
        return structure() + POLL;
    }

    long data(byte[] bytes) {
        buffer.put(DATA, bytes);
        return address + DATA;
    }

    /** Copies the first bytes of the data area to the position of {@code target}. */
    void moveTo(ByteBuffer target, int length) {
        target.put(target.position(), buffer, DATA, length);
        target.position(target.position() + length);
    }

    @Override
    public void close() {
        pool.giveBack(this);
    }
}

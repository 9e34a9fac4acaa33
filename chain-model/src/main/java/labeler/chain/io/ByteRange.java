package labeler.chain.io;

/** Range checks on numbers from a header, which may be any 64 bits: none of them can overflow. */
public final class ByteRange {
    private ByteRange() {}

    /**
     * Whether {@code length} bytes from {@code offset} end at or before {@code end}. A negative number comes from an
     * unsigned field that is too large, and is never in range.
     */
    public static boolean fits(long offset, long length, long end) {
        return offset >= 0 && length >= 0 && offset <= end && length <= end - offset;
    }

    /**
     * Whether a table of {@code entries} of {@code entrySize} bytes at {@code offset} ends within a signed 64-bit file
     * offset and is at most {@code maximumBytes} long.
     *
     * @param entrySize positive
     */
    public static boolean tableFits(long offset, long entries, int entrySize, long maximumBytes) {
        return entries >= 0 && entries <= maximumBytes / entrySize && fits(offset, entries * entrySize, Long.MAX_VALUE);
    }

    /** {@code length} with its padding up to a multiple of {@code alignment}, a power of two; not for hostile sizes. */
    public static long padded(long length, int alignment) {
        return (length + alignment - 1) & -alignment;
    }
}

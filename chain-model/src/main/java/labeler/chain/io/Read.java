package labeler.chain.io;

import java.nio.ByteBuffer;

/** The result of a bounded read. */
public sealed interface Read {
    /** All requested bytes: a big-endian, read-only view, position 0. */
    record Bytes(ByteBuffer data) implements Read {}

    /** Not all requested bytes; a part is never used. */
    sealed interface NotRead extends Read {}

    /** The file ends before {@code wanted} bytes from {@code position}. */
    record EndOfFile(long position, int wanted, int got) implements NotRead {}

    /** The image asks for more than a header may need. */
    record OverBudget(String limit) implements NotRead {}

    /** The system refused the read. */
    record Failed(String reason) implements NotRead {}
}

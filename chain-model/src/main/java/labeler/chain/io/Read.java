package labeler.chain.io;

import java.nio.ByteBuffer;

/** What came of a bounded read. */
public sealed interface Read {
    /** All that was asked for: a big-endian, read-only view, position 0. */
    record Bytes(ByteBuffer data) implements Read {}

    /** Not all that was asked for, which is never used in part. */
    sealed interface NotRead extends Read {}

    /** The file ends before {@code wanted} bytes from {@code position}. */
    record EndOfFile(long position, int wanted, int got) implements NotRead {}

    /** The image asks for more than a header may need. */
    record OverBudget(String limit) implements NotRead {}

    /** The system refused. */
    record Failed(String reason) implements NotRead {}
}

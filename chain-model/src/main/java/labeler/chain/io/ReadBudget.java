package labeler.chain.io;

/**
 * The limit of reads from one image.
 *
 * @param bytes requested from the system, in total
 * @param reads system calls
 */
public record ReadBudget(long bytes, int reads) {
    /**
     * 64 header extensions with a window each, the name and the header make 66 reads and 264 KiB; the rest is room for
     * the text descriptors and metadata tables of other formats.
     */
    public static final ReadBudget HEADER = new ReadBudget(1 << 20, 160);

    public ReadBudget {
        if (bytes < BoundedReader.WINDOW || reads < 1) {
            throw new IllegalArgumentException("less than one window: " + bytes + " bytes, " + reads + " reads");
        }
    }
}

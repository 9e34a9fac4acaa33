package labeler.chain;

/**
 * How far a walk may go. The defaults are {@link #DEFAULT}.
 *
 * @param depth of backing files below the top
 * @param nodes files in one chain
 */
public record ChainLimits(int depth, int nodes) {
    /**
     * This is also libvirt's limit; qemu itself has none, and crashes between 850 and 900 (its stack) or runs out of
     * descriptors. A data file for each layer doubles the files.
     */
    public static final ChainLimits DEFAULT = new ChainLimits(200, 512);

    public ChainLimits {
        if (depth < 0 || nodes < 1) {
            throw new IllegalArgumentException("limits below what one image needs: " + depth + ", " + nodes);
        }
    }
}

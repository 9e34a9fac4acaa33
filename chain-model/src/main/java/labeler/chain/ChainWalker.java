package labeler.chain;

import labeler.chain.format.ReadersByFormat;

/**
 * Follows an image's headers to all files that qemu would open for it. It has no state; each walk belongs to one
 * thread.
 */
public final class ChainWalker<F extends ImageFile> {
    private final ImageOpener<F> opener;
    private final ChainLimits limits;
    private final ReadersByFormat readers;

    /** With a reader for every format that has one. */
    public ChainWalker(ImageOpener<F> opener, ChainLimits limits) {
        this(opener, limits, StandardFormats.readers());
    }

    /** With these readers: a format that has none here is reported as {@code UNSUPPORTED}. */
    public ChainWalker(ImageOpener<F> opener, ChainLimits limits, ReadersByFormat readers) {
        this.opener = opener;
        this.limits = limits;
        this.readers = readers;
    }

    /** The chain, with its files open; never throws because of an image's content. The caller closes it. */
    public Chain<F> walk(ImageRequest top) {
        return new ChainWalk<>(opener, limits, readers).run(top);
    }
}

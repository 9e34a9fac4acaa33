package labeler.vm.qemu.block;

import labeler.chain.ImageRequest;

/** The file or other thing that a block node finally leads to. */
sealed interface NodeTarget {
    /**
     * An image.
     *
     * @param request with the access with which qemu opens the file itself
     * @param whole whether the node's first byte is the file's, so that a header there can be read
     */
    record Image(ImageRequest request, boolean whole) implements NodeTarget {}

    /** Not a file of this host. */
    record Outside(String reference, String protocol) implements NodeTarget {}

    /** Its target is in the definition already, and is no image whose header can be read here. */
    record Declared() implements NodeTarget {}

    /** No file; or a problem that has been reported. */
    record Nothing() implements NodeTarget {}
}

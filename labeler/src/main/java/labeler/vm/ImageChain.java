package labeler.vm;

import java.util.List;
import java.util.function.Predicate;
import labeler.chain.Chain;
import labeler.chain.ImageFile;
import labeler.linux.HostPath;

/**
 * All files of one image that a definition names, as declarations and headers say.
 *
 * @param origin of the image's use
 * @param layers the image first, each after the one that names it
 */
public record ImageChain(Origin origin, List<ChainLayer> layers) {
    public ImageChain {
        layers = List.copyOf(layers);
    }

    /** What a walk has found. */
    public static <F extends ImageFile> ImageChain of(Origin origin, Chain<F> chain, Predicate<F> isBlockDevice) {
        return new ImageChain(
                origin,
                chain.nodes().stream()
                        .map(node -> new ChainLayer(
                                HostPath.of(node.name().bytes()),
                                node.format(),
                                node.role(),
                                node.parent(),
                                isBlockDevice.test(node.file())))
                        .toList());
    }
}

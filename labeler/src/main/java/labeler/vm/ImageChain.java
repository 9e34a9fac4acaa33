package labeler.vm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.chain.Chain;
import labeler.chain.ImageFile;
import labeler.linux.HostPath;

/**
 * All files of one image that a definition names, as declarations and headers say.
 *
 * @param origin of the image's use
 */
public record ImageChain(Origin origin, ChainLayer image) {
    /** What a walk has found; it has found the image itself. */
    public static <F extends ImageFile> ImageChain of(Origin origin, Chain<F> chain, Predicate<F> isBlockDevice) {
        List<Deque<ChainLayer>> below = new ArrayList<>();
        chain.nodes().forEach(_ -> below.add(new ArrayDeque<>()));
        // Each comes after the one that names it, so that backwards all below it is there.
        for (int at = chain.nodes().size() - 1; ; at--) {
            Chain.Node<F> node = chain.nodes().get(at);
            ChainLayer layer = new ChainLayer(
                    HostPath.of(node.name().bytes()),
                    node.format(),
                    node.role(),
                    isBlockDevice.test(node.file()),
                    List.copyOf(below.get(at)));
            if (node.parent().isEmpty()) {
                return new ImageChain(origin, layer);
            }
            below.get(node.parent().getAsInt()).addFirst(layer);
        }
    }

    /** The image first. */
    public Stream<ChainLayer> layers() {
        return image.all();
    }
}

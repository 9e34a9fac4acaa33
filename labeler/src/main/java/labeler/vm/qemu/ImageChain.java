package labeler.vm.qemu;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import labeler.chain.Chain;
import labeler.chain.ImageFile;
import labeler.chain.Role;
import labeler.linux.HostPath;
import labeler.vm.Origin;

/**
 * All files of one image that a definition names, as declarations and headers say.
 *
 * @param origin of the image's use
 * @param layers the image first
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

    /** A file in its chain. */
    record Place(ImageChain chain, int index) {
        ChainLayer layer() {
            return chain.layers.get(index);
        }

        /** The files that this one names. */
        List<Place> children(Role role) {
            return IntStream.range(0, chain.layers.size())
                    .filter(at -> chain.layers.get(at).role() == role)
                    .filter(at -> chain.layers.get(at).parent().equals(OptionalInt.of(index)))
                    .mapToObj(at -> new Place(chain, at))
                    .toList();
        }

        Optional<Place> child(Role role) {
            return children(role).stream().findFirst();
        }
    }

    Optional<Place> find(HostPath path) {
        return IntStream.range(0, layers.size())
                .filter(at -> layers.get(at).path().equals(path))
                .mapToObj(at -> new Place(this, at))
                .findFirst();
    }
}

package labeler.vm;

import java.util.List;
import java.util.stream.Stream;
import labeler.chain.ImageFormat;
import labeler.chain.Role;
import labeler.linux.HostPath;

/**
 * One file of a chain.
 *
 * @param path under which it was opened, absolute
 * @param blockDevice a device node: qemu has another driver for it
 * @param below the files that it names
 */
public record ChainLayer(HostPath path, ImageFormat format, Role role, boolean blockDevice, List<ChainLayer> below) {
    public ChainLayer {
        below = List.copyOf(below);
    }

    /** With all that are below it. Recursion is bounded by the limit on a chain's depth. */
    public Stream<ChainLayer> all() {
        return Stream.concat(Stream.of(this), below.stream().flatMap(ChainLayer::all));
    }

    /** The files that it names in that role. */
    public List<ChainLayer> below(Role wanted) {
        return below.stream().filter(layer -> layer.role == wanted).toList();
    }
}

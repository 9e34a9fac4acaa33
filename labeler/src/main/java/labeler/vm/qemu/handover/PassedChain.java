package labeler.vm.qemu.handover;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import labeler.chain.Role;
import labeler.linux.HostPath;
import labeler.vm.ChainLayer;
import labeler.vm.ImageChain;

/** A chain, and which of its files are passed. */
final class PassedChain {
    private final ImageChain chain;
    private final BitSet passed = new BitSet();
    /** Those that are passed themselves, or name such a file, directly or through others. */
    private final BitSet leading = new BitSet();

    PassedChain(ImageChain chain, Predicate<HostPath> isPassed) {
        this.chain = chain;
        // Each comes after the one that names it.
        for (int at = chain.layers().size() - 1; at >= 0; at--) {
            ChainLayer layer = chain.layers().get(at);
            passed.set(at, isPassed.test(layer.path()));
            if (passed.get(at)) {
                leading.set(at);
            }
            if (leading.get(at)) {
                layer.parent().ifPresent(leading::set);
            }
        }
    }

    ImageChain chain() {
        return chain;
    }

    Optional<Place> find(HostPath path) {
        return IntStream.range(0, chain.layers().size())
                .filter(at -> chain.layers().get(at).path().equals(path))
                .mapToObj(at -> new Place(this, at))
                .findFirst();
    }

    /** A file in its chain. */
    record Place(PassedChain within, int index) {
        ChainLayer layer() {
            return within.chain.layers().get(index);
        }

        boolean isPassed() {
            return within.passed.get(index);
        }

        /** Whether this file or one below it is passed. */
        boolean leadsToPassed() {
            return within.leading.get(index);
        }

        /** The files that this one names in that role. */
        List<Place> children(Role role) {
            List<ChainLayer> layers = within.chain.layers();
            return IntStream.range(index + 1, layers.size())
                    .filter(at -> layers.get(at).role() == role)
                    .filter(at -> layers.get(at).parent().equals(OptionalInt.of(index)))
                    .mapToObj(at -> new Place(within, at))
                    .toList();
        }

        Optional<Place> child(Role role) {
            return children(role).stream().findFirst();
        }
    }
}

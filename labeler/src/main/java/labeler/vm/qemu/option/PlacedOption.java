package labeler.vm.qemu.option;

import labeler.vm.Origin;
import labeler.vm.qemu.block.OptionPlace;

/**
 * An option in its place on a command line.
 *
 * @param length the number of arguments that it occupies, including itself: 1 or 2
 * @param argument empty if the option takes none
 */
public record PlacedOption(OptionPlace place, int length, Option option, String argument) {
    public String name() {
        return option.name();
    }

    public int position() {
        return place.position();
    }

    public Origin origin() {
        return place.origin();
    }
}

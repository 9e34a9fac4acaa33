package labeler.vm.qemu.option;

import labeler.vm.Origin;
import labeler.vm.qemu.block.OptionPlace;

/**
 * An option where it stands on a command line.
 *
 * @param length how many arguments it takes up, with itself: 1 or 2
 * @param argument empty where the option takes none
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

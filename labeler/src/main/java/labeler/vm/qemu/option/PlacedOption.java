package labeler.vm.qemu.option;

import labeler.vm.Origin;

/**
 * An option where it stands on a command line.
 *
 * @param position of its first argument, from 0; the program's name is not counted
 * @param length how many arguments it takes up, with itself: 1 or 2
 * @param name without the hyphen; empty for an argument that is no option, a disk image
 * @param argument empty where the option takes none
 */
public record PlacedOption(
        int position, int length, Origin origin, String name, Option.Handler handler, String argument) {
    public void declare(Parsing parsing) {
        handler.declare(origin, argument, parsing);
    }
}

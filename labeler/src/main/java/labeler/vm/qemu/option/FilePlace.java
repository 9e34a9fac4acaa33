package labeler.vm.qemu.option;

import java.util.Comparator;
import java.util.List;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;

/**
 * The place of a file's name on a command line; not for disks.
 *
 * @param takes the substitute that qemu accepts there
 */
public record FilePlace(PlacedOption option, NameSubstitute takes, Spot spot) {
    /** In the order of the command line. */
    public static final Comparator<FilePlace> AS_WRITTEN = Comparator.<FilePlace>comparingInt(
                    place -> place.option().position())
            .thenComparingInt(place -> place.spot.index())
            .thenComparingInt(place -> place.spot.part());

    /** The whole argument. */
    static final Spot WHOLE = new From(0);

    /** A place in an argument. */
    public sealed interface Spot {
        /** The index among the argument's settings; 0 if it has none. */
        default int index() {
            return 0;
        }

        /** The index among the names of one setting; 0 if it is the only one. */
        default int part() {
            return 0;
        }
    }

    /** Everything from a character on. */
    public record From(int start) implements Spot {}

    /** A setting's value. */
    public record Value(Argument argument, int index) implements Spot {}

    /** One of several between colons. */
    public record Part(Argument argument, int index, int part) implements Spot {}

    /** The names in a setting with several. */
    public static List<String> parts(Argument argument, int index) {
        return ByteText.split(argument.settings().all().get(index).value(), ':');
    }
}

package labeler.vm.qemu.option;

import java.util.Comparator;
import java.util.List;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;

/**
 * Where a file's name stands on a command line that is no disk's.
 *
 * @param takes what qemu takes there instead
 */
public record FilePlace(PlacedOption option, Takes takes, Spot spot) {
    /** From the first to the last. */
    public static final Comparator<FilePlace> AS_WRITTEN = Comparator.<FilePlace>comparingInt(
                    place -> place.option().position())
            .thenComparingInt(place -> place.spot.index())
            .thenComparingInt(place -> place.spot.part());

    /** All of an argument. */
    static final Spot WHOLE = new From(0);

    /** In an argument. */
    public sealed interface Spot {
        /** Among the argument's settings; 0 where it has none. */
        default int index() {
            return 0;
        }

        /** Among the names of one setting; 0 where it is the only one. */
        default int part() {
            return 0;
        }
    }

    /** All from a character on. */
    public record From(int start) implements Spot {}

    /** A setting's value. */
    public record Value(Argument argument, int index) implements Spot {}

    /** One of several between colons. */
    public record Part(Argument argument, int index, int part) implements Spot {}

    /** The names in a setting that has several. */
    public static List<String> parts(Argument argument, int index) {
        return ByteText.split(argument.settings().all().get(index).value(), ':');
    }
}

package labeler.vm.libvirt;

import java.util.OptionalInt;
import java.util.OptionalLong;

/** libvirt writes the numbers of an address in decimal, octal or hexadecimal, as C does. */
final class Numbers {
    private Numbers() {}

    /** The number in an attribute; empty if it is none, or larger than the limit. */
    static OptionalInt at(XmlElement element, String attribute, int largest) {
        OptionalLong number = at(element, attribute, (long) largest);
        return number.isPresent() ? OptionalInt.of((int) number.getAsLong()) : OptionalInt.empty();
    }

    static OptionalLong at(XmlElement element, String attribute, long largest) {
        return element.value("@" + attribute).map(text -> number(text, largest)).orElse(OptionalLong.empty());
    }

    private static OptionalLong number(String text, long largest) {
        try {
            long number = Long.decode(text.strip());
            return number >= 0 && number <= largest ? OptionalLong.of(number) : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}

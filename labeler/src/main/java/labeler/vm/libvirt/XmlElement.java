package labeler.vm.libvirt;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * An element of a domain XML.
 *
 * @param name local name; with {@code qemu:} before it in libvirt's qemu namespace, with the namespace's name in braces
 *     in any other
 * @param text of its own, without that of its children; not trimmed, since libvirt does not trim it
 */
record XmlElement(String name, Map<String, String> attributes, List<XmlElement> children, String text) {
    XmlElement {
        attributes = Map.copyOf(attributes);
        children = List.copyOf(children);
    }

    /**
     * The value at a path: the text of an element ({@code source/path}), or an attribute ({@code source@file},
     * {@code @type}). If several elements have one name, the first counts.
     */
    Optional<String> value(String path) {
        int at = path.indexOf('@');
        if (at == 0) {
            return Optional.ofNullable(attributes.get(path.substring(1)));
        }
        int slash = path.indexOf('/');
        int end = slash >= 0 ? slash : at >= 0 ? at : path.length();
        return child(path.substring(0, end))
                .flatMap(child -> end == path.length()
                        ? Optional.of(child.text)
                        : child.value(path.substring(end == slash ? end + 1 : end)));
    }

    boolean has(String attribute, String value) {
        return value.equals(attributes.get(attribute));
    }

    /** The first child of that name. */
    Optional<XmlElement> child(String childName) {
        return children.stream().filter(child -> child.name.equals(childName)).findFirst();
    }

    List<XmlElement> all(String childName) {
        return children.stream().filter(child -> child.name.equals(childName)).toList();
    }

    boolean hasChild(String childName) {
        return child(childName).isPresent();
    }

    /** Whether it has neither attributes nor children. */
    boolean isEmpty() {
        return attributes.isEmpty() && children.isEmpty();
    }

    /**
     * The number in an attribute, as C reads it: libvirt writes those of an address in decimal, octal or hexadecimal. Empty
     * if it is none, or larger than the limit.
     */
    OptionalInt number(String attribute, int largest) {
        OptionalLong number = number(attribute, (long) largest);
        return number.isPresent() ? OptionalInt.of((int) number.getAsLong()) : OptionalInt.empty();
    }

    OptionalLong number(String attribute, long largest) {
        try {
            long number = Long.decode(value("@" + attribute).orElse("").strip());
            return number >= 0 && number <= largest ? OptionalLong.of(number) : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}

package labeler.vm.libvirt;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An element of a domain XML.
 *
 * @param name local name; with {@code qemu:} before it in libvirt's qemu namespace, with the namespace's name in braces
 *     in any other
 * @param text of its own, without that of its children; libvirt does not trim it, so neither is it here
 */
record XmlElement(String name, Map<String, String> attributes, List<XmlElement> children, String text) {
    XmlElement {
        attributes = Map.copyOf(attributes);
        children = List.copyOf(children);
    }

    /**
     * What stands at a path: the text of an element ({@code source/path}), or an attribute ({@code source@file},
     * {@code @type}). Of several elements of one name the first counts.
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

    /** Neither attributes nor children. */
    boolean isEmpty() {
        return attributes.isEmpty() && children.isEmpty();
    }
}

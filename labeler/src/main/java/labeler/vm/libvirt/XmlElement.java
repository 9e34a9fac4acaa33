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

    Optional<String> attribute(String attribute) {
        return Optional.ofNullable(attributes.get(attribute));
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

    /** The attribute of the first child of that name. */
    Optional<String> childAttribute(String childName, String attribute) {
        return child(childName).flatMap(child -> child.attribute(attribute));
    }

    /** Neither attributes nor children. */
    boolean isEmpty() {
        return attributes.isEmpty() && children.isEmpty();
    }
}

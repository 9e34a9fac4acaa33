package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The text of a domain's XML, which is changed in one place at a time. A place is found by its text, which may stand
 * elsewhere too, in somebody's metadata. So each is tried, and only the one counts that makes the tree that is wanted.
 */
record XmlText(String text, XmlElement root) {
    /** libvirt's own text has a place once, or as often as somebody's metadata repeat it. */
    private static final int MOST_PLACES = 64;

    /** Empty if it is no domain. */
    static Optional<XmlText> of(byte[] xml) {
        return XmlReader.read(xml) instanceof XmlReader.Read(XmlElement root)
                        && root.name().equals("domain")
                ? Optional.of(new XmlText(new String(xml, StandardCharsets.UTF_8), root))
                : Optional.empty();
    }

    byte[] bytes() {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** This with another text at the place; empty if that makes the wanted tree nowhere. */
    Optional<XmlText> with(Pattern place, String other, XmlElement wanted) {
        Matcher found = place.matcher(text);
        int from = 0;
        for (int tried = 0; tried < MOST_PLACES && from <= text.length() && found.find(from); tried++) {
            String changed = text.substring(0, found.start()) + other + text.substring(found.end());
            if (XmlReader.read(changed.getBytes(StandardCharsets.UTF_8)) instanceof XmlReader.Read(XmlElement read)
                    && read.equals(wanted)) {
                return Optional.of(new XmlText(changed, read));
            }
            from = found.start() + 1;
        }
        return Optional.empty();
    }

    /** The root with one more child, the last. */
    XmlElement rootAnd(XmlElement child) {
        return and(root, child);
    }

    /** The element with one more child, the last. */
    static XmlElement and(XmlElement element, XmlElement child) {
        return new XmlElement(
                element.name(),
                element.attributes(),
                Stream.concat(element.children().stream(), Stream.of(child)).toList(),
                element.text());
    }

    /** The element with the first child of that name changed, or left out. */
    static XmlElement changing(XmlElement element, XmlElement child, UnaryOperator<Optional<XmlElement>> change) {
        List<XmlElement> children = new ArrayList<>(element.children());
        int at = children.indexOf(child);
        children.remove(at);
        change.apply(Optional.of(child)).ifPresent(changed -> children.add(at, changed));
        return new XmlElement(element.name(), element.attributes(), children, element.text());
    }
}

package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The text of a domain's XML, which is changed in one place at a time; all else stays to the byte. A place is found by its
 * text, which may stand elsewhere too, in somebody's metadata. So each is tried, and only the one counts that makes the tree
 * that is wanted.
 */
record XmlText(String text, XmlElement root) {
    /** libvirt's own text has a place once, or as often as devices and somebody's metadata repeat it. */
    private static final int MOST_PLACES = 64;

    /**
     * Where the text can be changed.
     *
     * @param start its first characters
     * @param rest all that follows of it
     * @param isKept whether it stays, behind what is put there
     */
    record Place(String start, Pattern rest, boolean isKept) {
        /** All of this text, which goes. */
        static Place of(String whole) {
            return of(whole, "");
        }

        /** A text with this start, which goes. */
        static Place of(String start, String rest) {
            return new Place(start, Pattern.compile(rest, Pattern.DOTALL), false);
        }

        /** Before the end tag of these elements. */
        static Place atEndOf(String element) {
            return new Place("</" + element, Pattern.compile("\\s*>"), true);
        }
    }

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

    /**
     * This with another text at the place; empty if that makes the wanted tree nowhere. The last place is tried first:
     * libvirt writes a domain's own parts behind those of its devices.
     */
    Optional<XmlText> with(Place place, String other, XmlElement wanted) {
        Matcher rest = place.rest().matcher(text).useTransparentBounds(true);
        int at = text.lastIndexOf(place.start());
        for (int tried = 0; tried < MOST_PLACES && at >= 0; tried++) {
            if (rest.region(at + place.start().length(), text.length()).lookingAt()) {
                int end = place.isKept() ? at : rest.end();
                Optional<XmlText> changed =
                        of((text.substring(0, at) + other + text.substring(end)).getBytes(StandardCharsets.UTF_8));
                if (changed.filter(found -> found.root().equals(wanted)).isPresent()) {
                    return changed;
                }
            }
            at = text.lastIndexOf(place.start(), at - 1);
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

    /** The element with the first child that is like this one changed, or left out. */
    static XmlElement changing(XmlElement element, XmlElement child, UnaryOperator<Optional<XmlElement>> change) {
        List<XmlElement> children = new ArrayList<>(element.children());
        int at = children.indexOf(child);
        children.remove(at);
        change.apply(Optional.of(child)).ifPresent(changed -> children.add(at, changed));
        return new XmlElement(element.name(), element.attributes(), children, element.text());
    }

    /** An element as libvirt writes it, without the blanks between elements. */
    static String markup(XmlElement element) {
        StringBuilder markup = new StringBuilder("<").append(element.name());
        new TreeMap<>(element.attributes())
                .forEach((name, value) -> markup.append(' ')
                        .append(name)
                        .append("='")
                        .append(escaped(value))
                        .append('\''));
        markup.append('>').append(escaped(element.text()));
        element.children().forEach(child -> markup.append(markup(child)));
        return markup.append("</").append(element.name()).append('>').toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&apos;");
    }
}

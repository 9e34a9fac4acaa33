package labeler.vm.libvirt;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;

/**
 * The label for a domain's process by its definition. labeler can write one there by which libvirt labels no file
 * ({@code type='static' relabel='no'}), and takes out the one that it wrote. It knows that by a mark in the domain's
 * metadata, which libvirt keeps. Into the XML of a domain that comes from another host it writes the label that the domain has
 * there, and the number by which its start is known. Nothing else changes.
 */
public final class StaticLabel {
    private static final Mark MARK = new Mark("label");

    /** Marks a domain that comes from another host: its start alone has it, since libvirt goes on with that XML. */
    private static final Mark ARRIVAL = new Mark("arrival");

    private static final String SECLABEL = "seclabel";

    private static final XmlText.Place END = XmlText.Place.atEndOf("domain");
    private static final XmlText.Place WHOLE_SECLABEL =
            XmlText.Place.of("<seclabel", "\\b(?:[^>]*/>|.*?</seclabel\\s*>)");

    private final XmlText xml;

    private StaticLabel(XmlText xml) {
        this.xml = xml;
    }

    /** Empty if it is no domain. */
    public static Optional<StaticLabel> parse(byte[] xml) {
        return XmlText.of(xml).map(StaticLabel::new);
    }

    /** Whether a label of SELinux's means something to this libvirt, which starts no such domain otherwise. */
    public static boolean isKnownTo(byte[] capabilities) {
        return XmlReader.read(capabilities) instanceof XmlReader.Read(XmlElement root)
                && root.name().equals("capabilities")
                && root.child("host").map(host -> host.all("secmodel")).orElse(List.of()).stream()
                        .flatMap(model -> model.value("model").stream())
                        .anyMatch("selinux"::equals);
    }

    /** A definition's statement about the label. */
    public sealed interface State {}

    /** Nothing: libvirt chooses one at each start. */
    public record None() implements State {}

    /**
     * A static one by which libvirt labels no file.
     *
     * @param isOurs whether labeler has written it, and nobody has changed it since
     */
    public record Fixed(SecurityContext context, boolean isOurs) implements State {}

    /** Something else, which somebody wants so. */
    public record Another() implements State {}

    public State state() {
        List<XmlElement> all = seclabels(xml.root());
        if (all.isEmpty()) {
            return new None();
        }
        XmlElement one = all.getFirst();
        Optional<SecurityContext> context = Optional.of(one)
                .filter(found -> all.size() == 1
                        && found.attributes().equals(Map.of("type", "static", "model", "selinux", "relabel", "no"))
                        && found.children().size() == 1)
                .flatMap(found -> found.value("label"))
                .flatMap(SecurityContext::parse)
                .filter(found -> Level.parse(found.level()).isPresent());
        return context.<State>map(found -> new Fixed(
                        found,
                        MARK.in(xml.root()).filter(found.toString()::equals).isPresent()))
                .orElseGet(Another::new);
    }

    /** The static label by which libvirt labels no file, whoever wrote it. */
    public Optional<SecurityContext> fixed() {
        return state() instanceof Fixed(SecurityContext context, boolean _) ? Optional.of(context) : Optional.empty();
    }

    /** Whether a file has a label of its own (a {@code <seclabel>} in its device): libvirt takes that only where it labels. */
    public boolean hasLabelsOfFiles() {
        return xml.root().children().stream().anyMatch(StaticLabel::hasLabelBelow);
    }

    /** Recursion is bounded by the depth of what was read. */
    private static boolean hasLabelBelow(XmlElement element) {
        return !seclabels(element).isEmpty() || element.children().stream().anyMatch(StaticLabel::hasLabelBelow);
    }

    /** The whole definition. */
    public byte[] xml() {
        return xml.bytes();
    }

    /** With this label, which libvirt is to keep; empty if the text cannot be changed in these places alone. */
    public Optional<byte[]> with(SecurityContext context) {
        String label = context.toString();
        XmlElement seclabel = seclabel(Map.of("type", "static", "model", "selinux", "relabel", "no"), label);
        return MARK.into(xml, label)
                .flatMap(changed -> changed.with(END, XmlText.markup(seclabel), changed.rootAnd(seclabel)))
                .map(XmlText::bytes);
    }

    /**
     * Without the label that labeler wrote, and without its mark, which goes also from beside a label that somebody has
     * changed since. Empty if the text cannot be changed in these places alone.
     */
    public Optional<byte[]> without() {
        Optional<XmlText> changed = Optional.of(xml);
        if (state() instanceof Fixed(SecurityContext _, boolean isOurs) && isOurs) {
            XmlElement ours = seclabels(xml.root()).getFirst();
            changed = xml.with(WHOLE_SECLABEL, "", XmlText.changing(xml.root(), ours, _ -> Optional.empty()));
        }
        return changed.flatMap(MARK::outOf).map(XmlText::bytes);
    }

    /** The XML of a domain that comes from another host, for libvirt there. */
    public sealed interface Arriving {}

    /** With the label. */
    public record Relabelled(String xml) implements Arriving {}

    /** As it is: its label is a static one already, or libvirt gives it none. */
    public record AsItIs() implements Arriving {}

    /** It cannot be changed in that one place. */
    public record NotChanged(Problem problem) implements Arriving {}

    /**
     * The XML of a domain that comes from another host. libvirt would draw a new level for it here, and its files have labels of
     * the one that it has there.
     *
     * @param process its context, at the level that it has there
     * @param isAdding whether libvirt would label a domain here of which the XML says nothing
     */
    public static Arriving arriving(byte[] xml, SecurityContext process, boolean isAdding) {
        Optional<XmlText> text = XmlText.of(xml);
        List<XmlElement> all = text.map(found -> seclabels(found.root())).orElse(List.of());
        if (text.isEmpty() || all.size() > 1) {
            return notChanged("it is no domain with one label of the model selinux");
        }
        Optional<XmlElement> old = all.stream().findFirst();
        return old.map(StaticLabel::isDrawn).orElse(isAdding)
                ? relabelled(text.get(), old, process.toString())
                : new AsItIs();
    }

    /** The XML with this number in its metadata, in the place of an earlier one; empty if nothing else can stay as it is. */
    public static Optional<byte[]> numbered(byte[] xml, String number) {
        return XmlText.of(xml).flatMap(text -> ARRIVAL.into(text, number)).map(XmlText::bytes);
    }

    /** The number in a domain's XML. */
    public static Optional<String> number(byte[] xml) {
        return XmlText.of(xml).flatMap(text -> ARRIVAL.in(text.root()));
    }

    /** Whether libvirt chooses the level at each start, and labels files with it. */
    private static boolean isDrawn(XmlElement seclabel) {
        return seclabel.value("@type").orElse("dynamic").equals("dynamic") && !seclabel.has("relabel", "no");
    }

    private static Arriving relabelled(XmlText xml, Optional<XmlElement> old, String label) {
        Map<String, String> attributes =
                new TreeMap<>(old.map(XmlElement::attributes).orElse(Map.of()));
        attributes.putAll(Map.of("type", "static", "model", "selinux", "relabel", "yes"));
        XmlElement made = seclabel(attributes, label);
        return old.map(one -> xml.with(
                        WHOLE_SECLABEL,
                        XmlText.markup(made),
                        XmlText.changing(xml.root(), one, _ -> Optional.of(made))))
                .orElseGet(() -> xml.with(END, XmlText.markup(made), xml.rootAnd(made)))
                .<Arriving>map(changed -> new Relabelled(changed.text()))
                .orElseGet(() -> notChanged("its text cannot be changed in that place alone"));
    }

    private static XmlElement seclabel(Map<String, String> attributes, String label) {
        return new XmlElement(SECLABEL, attributes, List.of(new XmlElement("label", Map.of(), List.of(), label)), "");
    }

    private static Arriving notChanged(String why) {
        return new NotChanged(Problem.of(
                Problem.Kind.NOT_UNDERSTOOD,
                "libvirt's XML cannot be given the level that the domain has on the host from which it comes: " + why
                        + "; give the domain a static label there, and start it again"));
    }

    private static List<XmlElement> seclabels(XmlElement root) {
        return root.all(SECLABEL).stream().filter(OwnLabels::isOfSelinux).toList();
    }

    /**
     * A word of labeler's in a domain's metadata, where libvirt keeps what it does not understand: an element with a namespace
     * of its own.
     *
     * @param name of the element, which is also in the namespace
     */
    private record Mark(String name) {
        private static final String METADATA = "metadata";

        private static final XmlText.Place END_OF_METADATA = XmlText.Place.atEndOf("metadata");
        private static final XmlText.Place EMPTY_METADATA = XmlText.Place.of("<metadata", "\\s*/>");

        private String namespace() {
            return "urn:labeler:libvirt:" + name + ":1";
        }

        private String element() {
            return "{" + namespace() + "}" + name;
        }

        /** Its text in a domain. */
        Optional<String> in(XmlElement root) {
            return root.child(METADATA)
                    .flatMap(metadata -> metadata.child(element()))
                    .map(XmlElement::text);
        }

        /** The domain with this text alone; empty if the XML cannot be changed in these places alone. */
        Optional<XmlText> into(XmlText xml, String text) {
            return outOf(xml).flatMap(changed -> added(changed, text));
        }

        private Optional<XmlText> added(XmlText xml, String content) {
            XmlElement mark = new XmlElement(element(), Map.of(), List.of(), content);
            String text =
                    "<labeler:%s xmlns:labeler=\"%s\">%s</labeler:%s>".formatted(name, namespace(), content, name);
            Optional<XmlElement> metadata = xml.root().child(METADATA);
            if (metadata.isEmpty()) {
                XmlElement made = new XmlElement(METADATA, Map.of(), List.of(mark), "");
                return xml.with(END, "<metadata>" + text + "</metadata>", xml.rootAnd(made));
            }
            XmlElement wanted = XmlText.changing(
                    xml.root(), metadata.get(), found -> found.map(element -> XmlText.and(element, mark)));
            return xml.with(END_OF_METADATA, text, wanted)
                    .or(() -> xml.with(EMPTY_METADATA, "<metadata>" + text + "</metadata>", wanted));
        }

        /** Without it. The metadata go with it if nothing else is in them, not even a comment, which somebody may have put there. */
        Optional<XmlText> outOf(XmlText xml) {
            Optional<XmlElement> metadata = xml.root().child(METADATA);
            Optional<XmlElement> mark = metadata.flatMap(found -> found.child(element()));
            if (metadata.isEmpty() || mark.isEmpty()) {
                return Optional.of(xml);
            }
            String alone = "<labeler:%s\\b[^<]*</labeler:%s\\s*>".formatted(name, name);
            XmlText.Place wholeMetadata = XmlText.Place.of("<metadata", "\\s*>\\s*" + alone + "\\s*</metadata\\s*>");
            XmlText.Place whole = XmlText.Place.of("<labeler:" + name, "\\b.*?</labeler:%s\\s*>".formatted(name));
            XmlElement without = XmlText.changing(xml.root(), metadata.get(), _ -> Optional.empty());
            XmlElement emptied = XmlText.changing(
                    xml.root(),
                    metadata.get(),
                    found -> found.map(element -> XmlText.changing(element, mark.get(), _ -> Optional.empty())));
            return xml.with(wholeMetadata, "", without).or(() -> xml.with(whole, "", emptied));
        }
    }
}

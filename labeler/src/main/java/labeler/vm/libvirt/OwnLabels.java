package labeler.vm.libvirt;

import java.util.Set;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.QuotedText;
import labeler.selinux.SecurityContext;
import labeler.vm.LabelWishes.AllLayers;
import labeler.vm.LabelWishes.Chosen;
import labeler.vm.LabelWishes.Kept;
import labeler.vm.LabelWishes.OneLayer;
import labeler.vm.LabelWishes.Reach;
import labeler.vm.LabelWishes.WithParts;
import labeler.vm.NameTable;

/**
 * Labels that a definition asks for one file ({@code <seclabel>} in a device). To leave a file as it is can be granted;
 * whether a label that the definition chooses itself can be, the plan decides.
 */
final class OwnLabels {
    private static final String NOT_RELABELLED =
            "its label is left as it is: the domain asks for that (seclabel relabel='no')";

    private static final String SKIPPED =
            "its label is left as it is: the domain asks for that (seclabel labelskip='yes')";

    /** Parts of a disk that describe other files than its own. */
    private static final Set<String> OTHERS = NameTable.of("backingStore mirror dataStore");

    private OwnLabels() {}

    /** Without a model, it applies to the host's model. */
    static boolean isOfSelinux(XmlElement seclabel) {
        return seclabel.value("@model").orElse("selinux").equals("selinux");
    }

    /** @param part a device or another element in which a {@code <seclabel>} may stand, at any depth */
    static void declare(Place place, XmlElement part) {
        all(part).forEach(label -> one(place, new WithParts(), label));
    }

    /** The labels of a disk's own file, which also hold for the layers below it: libvirt does so. */
    static void declareOfDisk(Place place, XmlElement disk) {
        disk.children().stream()
                .filter(child -> !OTHERS.contains(child.name()))
                .flatMap(child -> Stream.concat(ownIfLabel(child), ofSource(child)))
                .forEach(label -> one(place, new AllLayers(), label));
    }

    /** A data file has a label of its own. */
    private static Stream<XmlElement> ofSource(XmlElement child) {
        return Stream.concat(
                child.all("seclabel").stream(),
                child.children().stream()
                        .filter(part -> !OTHERS.contains(part.name()))
                        .flatMap(OwnLabels::all));
    }

    private static Stream<XmlElement> ownIfLabel(XmlElement element) {
        return element.name().equals("seclabel") ? Stream.of(element) : Stream.empty();
    }

    /** The labels of one other file of a disk: a layer below it, or a data file. */
    static void declareOfLayer(Place place, HostPath path, XmlElement layer) {
        layer.child("source").stream()
                .flatMap(OwnLabels::ofSource)
                .forEach(label -> one(place, new OneLayer(path), label));
    }

    /** Recursion is bounded by the reader's depth. */
    private static Stream<XmlElement> all(XmlElement element) {
        return Stream.concat(
                element.all("seclabel").stream(), element.children().stream().flatMap(OwnLabels::all));
    }

    private static void one(Place place, Reach reach, XmlElement label) {
        if (!isOfSelinux(label)) {
            return;
        }
        if (label.has("relabel", "no")) {
            place.out().kept(new Kept(place.origin(), reach, NOT_RELABELLED));
        } else if (label.has("labelskip", "yes")) {
            place.out().kept(new Kept(place.origin(), reach, SKIPPED));
        } else if (label.hasChild("label")) {
            chosen(place, reach, label.value("label").orElse("").strip());
        }
    }

    private static void chosen(Place place, Reach reach, String text) {
        SecurityContext.parse(text)
                .map(label -> new Chosen(place.origin(), reach, label))
                .ifPresentOrElse(
                        place.out()::chosen, () -> place.malformed("not a security context: " + QuotedText.of(text)));
    }
}

package labeler.vm.libvirt;

import java.util.Optional;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.vm.LabelWishes.Kept;

/**
 * Labels that a definition asks for one file ({@code <seclabel>} in a device). To leave a file as it is can be granted;
 * a label that the definition chooses itself cannot: labeler's rules could not hold for it.
 */
final class OwnLabels {
    private static final String REASON = "its label is left as it is: the domain asks for that (seclabel %s='%s')";

    private OwnLabels() {}

    /** Without a model, it applies to the host's model. */
    static boolean isOfSelinux(XmlElement seclabel) {
        return seclabel.value("@model").orElse("selinux").equals("selinux");
    }

    /** @param part a device or another element in which a {@code <seclabel>} may stand, at any depth */
    static void declare(Place place, XmlElement part) {
        all(part).forEach(label -> one(place, Optional.empty(), label));
    }

    /** The labels of a disk's own file, without those of the layers below it. */
    static void declareOfDisk(Place place, XmlElement disk) {
        disk.children().stream()
                .filter(child -> !child.name().equals("backingStore"))
                .flatMap(child -> Stream.concat(ownIfLabel(child), all(child)))
                .forEach(label -> one(place, Optional.empty(), label));
    }

    private static Stream<XmlElement> ownIfLabel(XmlElement element) {
        return element.name().equals("seclabel") ? Stream.of(element) : Stream.empty();
    }

    /** The labels of one layer below a disk. */
    static void declareOfLayer(Place place, HostPath path, XmlElement layer) {
        layer.child("source").stream().flatMap(OwnLabels::all).forEach(label -> one(place, Optional.of(path), label));
    }

    /** Recursion is bounded by the reader's depth. */
    private static Stream<XmlElement> all(XmlElement element) {
        return Stream.concat(
                element.all("seclabel").stream(), element.children().stream().flatMap(OwnLabels::all));
    }

    private static void one(Place place, Optional<HostPath> layer, XmlElement label) {
        if (!isOfSelinux(label)) {
            return;
        }
        if (label.has("relabel", "no")) {
            place.out().kept(new Kept(place.origin(), layer, REASON.formatted("relabel", "no")));
        } else if (label.has("labelskip", "yes")) {
            place.out().kept(new Kept(place.origin(), layer, REASON.formatted("labelskip", "yes")));
        } else if (label.hasChild("label")) {
            place.notUnderstood(
                    "a label that the domain chooses for one file (seclabel with a label)",
                    "leave it out, since labeler's rules decide, or set it yourself and say relabel='no'");
        }
    }
}

package labeler.vm.libvirt;

import java.util.List;
import java.util.Optional;
import labeler.problem.QuotedText;
import labeler.selinux.SecurityContext;

/** {@code <seclabel>} of a whole domain. Labels of other security models are not ours. */
final class ProcessLabel {
    private ProcessLabel() {}

    /**
     * A static label by which libvirt relabels nothing (its default) leaves the files to us; a dynamic one without
     * relabelling is an error to libvirt itself.
     */
    static void declare(Place place, List<XmlElement> seclabels) {
        List<XmlElement> ours =
                seclabels.stream().filter(OwnLabels::isOfSelinux).toList();
        if (ours.size() > 1) {
            place.malformed("two labels of the model selinux, which libvirt does not take; leave one out");
        }
        ours.stream().limit(1).forEach(seclabel -> one(place, seclabel));
    }

    /** Whether such a label leaves the files to us. */
    static boolean leavesFiles(List<XmlElement> seclabels) {
        return seclabels.stream()
                .filter(OwnLabels::isOfSelinux)
                .anyMatch(seclabel -> seclabel.has("type", "static") && !isRelabelling(seclabel, true));
    }

    private static void one(Place place, XmlElement seclabel) {
        Optional<String> label = seclabel.value("label").map(String::strip).filter(text -> !text.isEmpty());
        boolean isStatic = seclabel.has("type", "static");
        if (label.isPresent() && isRelabelling(seclabel, isStatic)) {
            place.out().labelledByLibvirt();
        }
        if (seclabel.has("type", "none")) {
            place.notUnderstood(
                    "the domain asks for no label (type='none'), and nothing would confine it",
                    "leave out that seclabel, or start the VM without labeler");
        } else if (!isStatic && seclabel.has("relabel", "no")) {
            place.notUnderstood(
                    "a dynamic label whose files keep their labels (relabel='no'), which libvirt does not start",
                    "say type='static' and give its label, or leave out relabel");
        } else if (label.isPresent()) {
            context(place, label.get()).ifPresent(place.out()::processContext);
            if (isStatic) {
                place.out().staticContext();
            }
        } else if (seclabel.value("baselabel").isPresent()) {
            context(place, seclabel.value("baselabel").orElse("").strip()).ifPresent(place.out()::baseContext);
        } else if (isStatic) {
            place.malformed("a static label needs its <label>");
        }
    }

    /** libvirt's own defaults: a dynamic label is also one of the files, and a static one is not. */
    private static boolean isRelabelling(XmlElement seclabel, boolean isStatic) {
        return isStatic ? seclabel.has("relabel", "yes") : !seclabel.has("relabel", "no");
    }

    private static Optional<SecurityContext> context(Place place, String text) {
        Optional<SecurityContext> context = SecurityContext.parse(text);
        if (context.isEmpty()) {
            place.malformed("not a security context: " + QuotedText.of(text));
        }
        return context;
    }
}

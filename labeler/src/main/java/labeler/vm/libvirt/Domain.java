package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import labeler.problem.QuotedText;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/**
 * One domain XML while it is being read.
 *
 * @param uuid of the domain, empty where it has none
 * @param persistent where the XML is of a domain that starts: the definition that it has beside, an empty domain if none;
 *     empty where the XML is an administrator's
 */
record Domain(DefinitionBuilder out, String uuid, Optional<XmlElement> persistent) {
    /** Names of attributes that hold file names wherever libvirt has them. */
    private static final Set<String> FILE_ATTRIBUTES =
            Set.of("file", "path", "dev", "dir", "source", "socket", "rendernode", "evdev", "template", "logFile");

    /** What is declared of a disk. */
    Declarations declared(XmlElement disk) {
        if (persistent.isEmpty()) {
            return new Declarations.AsWritten();
        }
        Optional<String> target = disk.childAttribute("target", "dev");
        return new Declarations.AsPersistent(persistent.get().child("devices").stream()
                .flatMap(devices -> devices.all("disk").stream())
                .filter(other -> target.isPresent()
                        && other.childAttribute("target", "dev").equals(target)
                        && Declarations.isSame(other, disk))
                .findFirst());
    }

    /** A file in an attribute or a text; libvirt takes absolute names alone. */
    void file(Origin origin, FileRole role, String name, UseAccess access) {
        if (isAbsolute(origin, name)) {
            out.file(origin, role, bytes(name), access);
        }
    }

    void socket(Origin origin, String name, String reason) {
        if (isAbsolute(origin, name)) {
            out.socket(origin, bytes(name), reason);
        }
    }

    void madeElsewhere(Origin origin, FileRole role, String name, String reason) {
        if (isAbsolute(origin, name)) {
            out.madeElsewhere(origin, role, bytes(name), reason);
        }
    }

    boolean isAbsolute(Origin origin, String name) {
        if (!name.startsWith("/")) {
            out.malformed(origin, "not an absolute file name: " + QuotedText.of(name));
            return false;
        }
        return true;
    }

    static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * What asks for labels of its own, or for none, is not ours to ignore: libvirt and labeler would work against each
     * other.
     *
     * @param part a device or the like, anywhere in which a {@code <seclabel>} may stand
     */
    void refuseOwnLabels(Origin origin, XmlElement part) {
        if (hasOwnLabel(part)) {
            out.notUnderstood(
                    origin,
                    "a label of its own for one file (seclabel), or none, is not supported yet",
                    "leave out that seclabel: labeler's rules decide");
        }
    }

    /** Recursion is bounded by the reader's depth. */
    private static boolean hasOwnLabel(XmlElement element) {
        return element.all("seclabel").stream().anyMatch(Domain::isOfSelinux)
                || element.children().stream().anyMatch(Domain::hasOwnLabel);
    }

    /** Without a model it is for whichever the host has. */
    static boolean isOfSelinux(XmlElement seclabel) {
        return seclabel.attribute("model").orElse("selinux").equals("selinux");
    }

    /** Refuses the children that are in no list, where they look as if they named a file. */
    void refuseUnknown(String where, XmlElement element, Set<String> known) {
        for (XmlElement child : element.children()) {
            if (!known.contains(child.name()) && looksLikeFile(child)) {
                out.notUnderstood(
                        new Origin(where + "/" + QuotedText.of(child.name())),
                        "it seems to name a file, and is not understood",
                        "leave it out of the domain");
            }
        }
    }

    /** Recursion is bounded by the reader's depth. */
    private static boolean looksLikeFile(XmlElement element) {
        return element.text().strip().startsWith("/")
                || element.attributes().entrySet().stream()
                        .anyMatch(attribute -> FILE_ATTRIBUTES.contains(attribute.getKey())
                                || attribute.getValue().startsWith("/"))
                || element.children().stream().anyMatch(Domain::looksLikeFile);
    }
}

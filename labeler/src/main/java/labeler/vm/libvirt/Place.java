package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.problem.QuotedText;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/** A place in a domain XML, and its statements. */
record Place(DefinitionBuilder out, Origin origin) {
    /** Names of attributes that hold file names in all of libvirt's elements. */
    private static final Set<String> FILE_ATTRIBUTES =
            NameTable.of("file path dev dir source socket rendernode evdev template logFile");

    Place(DefinitionBuilder out, String where) {
        this(out, new Origin(where));
    }

    Place below(String name) {
        return new Place(out, origin + "/" + name);
    }

    void notUnderstood(String what, String wayOut) {
        out.notUnderstood(origin, what, wayOut);
    }

    void malformed(String what) {
        out.malformed(origin, what);
    }

    /** A file in an attribute or a text; libvirt accepts only absolute names. */
    void file(FileRole role, String name, UseAccess access) {
        if (isAbsolute(name)) {
            out.file(origin, role, bytes(name), access);
        }
    }

    void file(FileRole role, Optional<String> name, UseAccess access) {
        name.ifPresent(given -> file(role, given, access));
    }

    void pipe(String name) {
        if (isAbsolute(name)) {
            out.pipe(origin, bytes(name));
        }
    }

    void socket(Optional<String> name, String reason) {
        name.ifPresent(given -> made(FileRole.SOCKET, given, Making.SOCKET, reason));
    }

    void made(FileRole role, String name, Making making, String reason) {
        if (isAbsolute(name)) {
            out.made(origin, role, bytes(name), making, reason);
        }
    }

    /** If it is no absolute name, the answer is empty and there is a problem. */
    Optional<HostPath> path(String name) {
        return isAbsolute(name) ? out.path(origin, bytes(name)) : Optional.empty();
    }

    private boolean isAbsolute(String name) {
        if (!name.startsWith("/")) {
            malformed("not an absolute file name: " + QuotedText.of(name));
            return false;
        }
        return true;
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Refuses a part that asks for labels of its own, or for none. Ignoring it would let libvirt and labeler work
     * against each other.
     *
     * @param part a device or another element in which a {@code <seclabel>} may stand
     */
    void refuseOwnLabels(XmlElement part) {
        if (hasOwnLabel(part)) {
            notUnderstood(
                    "a label of its own for one file (seclabel), or none, is not supported yet",
                    "leave out that seclabel: labeler's rules decide");
        }
    }

    /** Recursion is bounded by the reader's depth. */
    private static boolean hasOwnLabel(XmlElement element) {
        return element.all("seclabel").stream().anyMatch(Place::isOfSelinux)
                || element.children().stream().anyMatch(Place::hasOwnLabel);
    }

    /** Without a model, it applies to the host's model. */
    static boolean isOfSelinux(XmlElement seclabel) {
        return seclabel.value("@model").orElse("selinux").equals("selinux");
    }

    /** Refuses children that are in no list and look as if they named a file. */
    void refuseUnknown(XmlElement element, Set<String> known) {
        element.children().stream()
                .filter(child -> !known.contains(child.name()))
                .forEach(this::refuseUnknown);
    }

    /** Refuses a child that looks as if it named a file. */
    void refuseUnknown(XmlElement child) {
        if (looksLikeFile(child)) {
            below(QuotedText.of(child.name())).refuseFile();
        }
    }

    void refuseFile() {
        notUnderstood("it seems to name a file, and is not understood", "leave it out of the domain");
    }

    /** Recursion is bounded by the reader's depth. */
    private static boolean looksLikeFile(XmlElement element) {
        return element.text().strip().startsWith("/")
                || element.attributes().entrySet().stream()
                        .anyMatch(attribute -> FILE_ATTRIBUTES.contains(attribute.getKey())
                                || attribute.getValue().startsWith("/"))
                || element.children().stream().anyMatch(Place::looksLikeFile);
    }
}

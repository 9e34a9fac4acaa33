package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.problem.QuotedText;
import labeler.vm.DeclaredUse.DeviceUse;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.DeclaredUse.OptionalUse;
import labeler.vm.DeclaredUse.TreeUse;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.HostDevice;
import labeler.vm.LabelWishes;
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

    /** A part of this place whose files keep their labels, with the reason in words. */
    Place keptBelow(String name, String reason) {
        Place part = below(name);
        out.kept(new LabelWishes.Kept(part.origin, new LabelWishes.WithParts(), reason));
        return part;
    }

    void notUnderstood(String what, String wayOut) {
        out.notUnderstood(origin, what, wayOut);
    }

    void malformed(String what) {
        out.malformed(origin, what);
    }

    /** A file in an attribute or a text. An empty name is none; a relative one refers to libvirt's directory. */
    void file(FileRole role, String name, UseAccess access) {
        if (!name.isEmpty()) {
            out.file(origin, role, bytes(name), access);
        }
    }

    /** The first of these that exists. */
    void searched(FileRole role, List<String> names, UseAccess access) {
        out.searched(origin, role, names.stream().map(Place::bytes).toList(), access);
    }

    /** A file that need not exist. */
    void optional(FileRole role, String name, UseAccess access) {
        path(name).ifPresent(path -> out.use(new OptionalUse(origin, role, path, access)));
    }

    void device(HostDevice device) {
        out.use(new DeviceUse(origin, FileRole.HOST_DEVICE, device));
    }

    void optionalDevice(HostDevice device) {
        out.use(new DeviceUse(origin, FileRole.HOST_DEVICE, device, false, true));
    }

    /** One that other VMs may have as well. */
    void shareableDevice(HostDevice device) {
        out.use(new DeviceUse(origin, FileRole.HOST_DEVICE, device, true, false));
    }

    /** libvirt labels no tree, whichever driver it has for the other files. */
    void tree(Optional<String> name, UseAccess access) {
        name.flatMap(this::path).ifPresent(root -> out.use(new TreeUse(origin, FileRole.TREE, root, access, true)));
    }

    void file(FileRole role, Optional<String> name, UseAccess access) {
        name.ifPresent(given -> file(role, given, access));
    }

    void pipe(String name) {
        if (!name.isEmpty()) {
            out.pipe(origin, bytes(name));
        }
    }

    void socket(Optional<String> name, String reason) {
        name.ifPresent(given -> made(FileRole.SOCKET, given, Making.SOCKET, reason));
    }

    void made(FileRole role, String name, Making making, String reason) {
        if (!name.isEmpty()) {
            out.made(origin, role, bytes(name), making, reason);
        }
    }

    /**
     * A file that libvirt writes in the domain's own directory before it calls the hook of a start. It labels the file,
     * except where it labels none of the domain's.
     */
    void writtenByLibvirt(Domain domain, String name, FileRole role, String reason) {
        domain.directoryLabelledHere()
                .ifPresentOrElse(
                        directory -> optional(role, directory + "/" + name, UseAccess.READ_ONLY),
                        () -> privateFile(domain, name, role, reason));
    }

    /** Something that libvirt or its helper makes in the domain's own directory, of which the start gives the name. */
    void privateFile(Domain domain, String name, FileRole role, String reason) {
        String directory =
                domain.shortName().map(own -> "/domain-" + own + "/" + name).orElse("");
        made(role, Domain.DIRECTORIES + directory, Making.ELSEWHERE, reason);
    }

    /** A socket that one of libvirt's helpers makes for the domain, of which the start gives the name. */
    void privateSocket(Domain domain, String helper, String ending, String reason) {
        String socket = domain.shortName()
                .filter(_ -> !ending.isEmpty())
                .map(own -> "/" + own + ending)
                .orElse("");
        made(FileRole.SOCKET, "/run/libvirt/qemu/" + helper + socket, Making.ELSEWHERE, reason);
    }

    /** Empty for an empty name, and for one that cannot be a file's, which is a problem. */
    Optional<HostPath> path(String name) {
        return name.isEmpty() ? Optional.empty() : out.path(origin, bytes(name));
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    /** Refuses children that are in no list and look as if they named a file. */
    void refuseUnknown(XmlElement element, Set<String> known) {
        element.children().stream()
                .filter(child -> !known.contains(child.name()))
                .takeWhile(_ -> !out.isFull())
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

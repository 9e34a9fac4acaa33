package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.ImageRequest.BackingChoice;
import labeler.linux.HostPath;
import labeler.problem.QuotedText;
import labeler.vm.DeclaredUse;
import labeler.vm.DeclaredUse.ImageUse;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.Origin;

/**
 * The file in which libvirt keeps the state of a running domain, {@code <domstatus>}: the domain's live XML, with notes
 * of libvirt's own in it, and the backups that are under way beside it.
 */
public final class RunningDomain {
    private static final String NOTES = "privateData";

    private RunningDomain() {}

    /** The name of the domain in a document; empty if it is no domain. */
    public static Optional<String> name(byte[] xml) {
        return XmlReader.read(xml) instanceof XmlReader.Read(XmlElement root)
                ? domain(root).flatMap(domain -> domain.value("name"))
                : Optional.empty();
    }

    /** The domain in a document: the document itself, or what a state is about. */
    static Optional<XmlElement> domain(XmlElement root) {
        return switch (root.name()) {
            case "domain" -> Optional.of(root);
            case "domstatus" -> root.child("domain").map(RunningDomain::withoutNotes);
            default -> Optional.empty();
        };
    }

    /** Recursion is bounded by the reader's depth. */
    private static XmlElement withoutNotes(XmlElement element) {
        List<XmlElement> children = element.children().stream()
                .filter(child -> !child.name().equals(NOTES))
                .map(RunningDomain::withoutNotes)
                .toList();
        return new XmlElement(element.name(), element.attributes(), children, element.text());
    }

    /**
     * The files into which backups are written: the copy itself, or what the guest overwrites meanwhile.
     *
     * @param disks that are known to be below what the guest overwrites
     */
    static void declareBackups(XmlElement root, List<DeclaredUse> disks, DefinitionBuilder out) {
        if (root.name().equals("domstatus")) {
            Stream.concat(
                            root.children().stream(),
                            root.children().stream().flatMap(child -> child.children().stream()))
                    .filter(element -> element.name().equals("domainbackup"))
                    .flatMap(backup -> backup.all("disks").stream())
                    .flatMap(all -> all.all("disk").stream())
                    .forEach(disk -> declareBackup(disk, disks, out));
        }
    }

    private static void declareBackup(XmlElement disk, List<DeclaredUse> disks, DefinitionBuilder out) {
        String target = QuotedText.of(disk.value("@name").orElse(""));
        Origin origin = new Origin("domainbackup/disk[@name=" + target + "]");
        BackingChoice below = disks.stream()
                .filter(use -> use.origin().equals(DiskLayer.origin(target)))
                .flatMap(use -> use instanceof ImageUse image ? Stream.of(image.image()) : Stream.empty())
                .findFirst()
                .<BackingChoice>map(image -> new ImageRequest.DeclaredBacking(image.readOnly()))
                .orElseGet(ImageRequest.NoBacking::new);
        ImageFormat format =
                disk.value("driver@type").flatMap(ImageFormat::ofDriver).orElse(ImageFormat.QCOW2);
        for (String element : List.of("target", "scratch")) {
            Stream.of("@file", "@dev")
                    .flatMap(name -> disk.value(element + name).stream())
                    .flatMap(name -> out.path(origin, name.getBytes(StandardCharsets.UTF_8)).stream())
                    .map(path -> image(path, format, element.equals("scratch") ? below : new ImageRequest.NoBacking()))
                    .forEach(image -> out.use(new ImageUse(origin, FileRole.DISK, image, false)));
        }
    }

    private static ImageRequest image(HostPath path, ImageFormat format, BackingChoice below) {
        return new ImageRequest(
                FileName.of(path.bytes()),
                new ImageRequest.Declared(format),
                Access.READ_WRITE,
                below,
                new ImageRequest.HeaderDataFile(new ImageRequest.BesideImage()));
    }
}

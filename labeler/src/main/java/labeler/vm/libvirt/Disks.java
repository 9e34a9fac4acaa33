package labeler.vm.libvirt;

import java.util.Optional;
import java.util.Set;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.ImageRequest.BackingChoice;
import labeler.chain.ImageRequest.BesideImage;
import labeler.chain.ImageRequest.DataFileChoice;
import labeler.chain.ImageRequest.Declared;
import labeler.chain.ImageRequest.DeclaredBacking;
import labeler.chain.ImageRequest.DeclaredDataFile;
import labeler.chain.ImageRequest.ExternalBacking;
import labeler.chain.ImageRequest.HeaderBacking;
import labeler.chain.ImageRequest.HeaderDataFile;
import labeler.chain.ImageRequest.NoBacking;
import labeler.chain.ImageRequest.ProbedBacking;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.problem.QuotedText;
import labeler.vm.DeclaredUse.ImageUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/** {@code <disk>}: images, with the chain below them where libvirt has written it out. */
final class Disks {
    /** A disk with no {@code <driver type>} is raw: libvirt never probes one. */
    private static final String DEFAULT_FORMAT = "raw";

    /** Formats whose headers name no other file: what matters here is the one file. */
    private static final Set<String> SELF_CONTAINED = Set.of("luks", "iso");

    private static final Set<String> UNDERSTOOD = Set.of(
            "source",
            "backingStore",
            "mirror",
            "driver",
            "target",
            "readonly",
            "shareable",
            "transient",
            "alias",
            "address",
            "boot",
            "iotune",
            "blockio",
            "geometry",
            "serial",
            "wwn",
            "vendor",
            "product",
            "auth",
            "encryption",
            "diskSecretsPlacement",
            "acpi",
            "throttlefilters",
            "iothreads");

    private static final Set<String> UNDERSTOOD_IN_SOURCE = Set.of(
            "seclabel",
            "slices",
            "encryption",
            "auth",
            "host",
            "snapshot",
            "config",
            "reservations",
            "initiator",
            "address",
            "ssl",
            "cookies",
            "readahead",
            "timeout",
            "identity",
            "reconnect",
            "dataStore",
            "privateData",
            "knownHosts");

    /** What a {@code <source>} comes down to. */
    private sealed interface Source {}

    private record Local(HostPath path) implements Source {}

    private record Outside(String reference, String protocol) implements Source {}

    /** No medium, or a problem that is already told. */
    private record Nowhere() implements Source {}

    private final Domain domain;

    public Disks(Domain domain) {
        this.domain = domain;
    }

    void disk(XmlElement disk, int index) {
        String name = disk.childAttribute("target", "dev")
                .map(dev -> "@target=" + QuotedText.of(dev))
                .orElse(Integer.toString(index));
        Origin origin = new Origin("devices/disk[" + name + "]");
        String device = disk.attribute("device").orElse("disk");
        FileRole role = switch (device) {
            case "cdrom" -> FileRole.CDROM;
            case "floppy" -> FileRole.FLOPPY;
            default -> FileRole.DISK;
        };
        boolean readOnly = device.equals("cdrom") || disk.hasChild("readonly");
        domain.refuseUnknown(origin.text(), disk, UNDERSTOOD);
        domain.refuseOwnLabels(origin, disk);
        if (disk.hasChild("transient")) {
            domain.out()
                    .notUnderstood(
                            origin,
                            "a transient disk writes to an overlay that is made later",
                            "make an overlay and name it as the disk");
            return;
        }
        String format = disk.childAttribute("driver", "type").orElse(DEFAULT_FORMAT);
        declare(origin, role, disk, domain.declared(disk), format, readOnly, disk.hasChild("shareable"));
        disk.child("mirror")
                .ifPresent(mirror -> declare(
                        new Origin(origin + "/mirror"),
                        role,
                        mirror,
                        new Declarations.AsWritten(),
                        mirror.childAttribute("format", "type").orElse(DEFAULT_FORMAT),
                        false,
                        false));
    }

    private void declare(
            Origin origin,
            FileRole role,
            XmlElement disk,
            Declarations declared,
            String format,
            boolean readOnly,
            boolean shareable) {
        switch (source(origin, role, disk)) {
            case Local(HostPath path) ->
                image(origin, disk, declared, path, format, readOnly)
                        .ifPresent(image -> domain.out().use(new ImageUse(origin, role, image, shareable)));
            case Outside(String reference, String protocol) -> {
                domain.out().external(origin, role, reference, protocol);
                outsideImage(origin, disk, declared, format, readOnly);
            }
            case Nowhere() -> {}
        }
    }

    /** The header of a remote image cannot be read here; libvirt has written out what is below it. */
    private void outsideImage(Origin origin, XmlElement disk, Declarations declared, String format, boolean readOnly) {
        if (format.equals("raw") || SELF_CONTAINED.contains(format)) {
            return;
        }
        if (dataFile(origin, disk, declared) instanceof DeclaredDataFile(FileName name)) {
            ImageRequest raw = ImageRequest.followingHeaders(
                    name,
                    new Declared(ImageFormat.RAW),
                    readOnly ? Access.READ_ONLY : Access.READ_WRITE,
                    new BesideImage());
            domain.out().use(new ImageUse(origin, FileRole.DATA_FILE, raw, false));
        }
        switch (backing(origin, disk, declared)) {
            case DeclaredBacking(ImageRequest image) ->
                domain.out().use(new ImageUse(origin, FileRole.BACKING, image, false));
            case ExternalBacking(String reference, String protocol) ->
                domain.out().external(origin, FileRole.BACKING, reference, protocol);
            case NoBacking() -> {}
            case HeaderBacking _, ProbedBacking _ ->
                domain.out()
                        .notUnderstood(
                                origin,
                                "the header of a remote image cannot be read here, and may name a file of this host",
                                "write out its backingStore, an empty element where it has none");
        }
    }

    private Optional<ImageRequest> image(
            Origin origin, XmlElement disk, Declarations declared, HostPath path, String format, boolean readOnly) {
        Optional<ImageFormat> known =
                SELF_CONTAINED.contains(format) ? Optional.of(ImageFormat.RAW) : ImageFormat.ofDriver(format);
        if (known.isEmpty()) {
            domain.out()
                    .problem(
                            Problem.Kind.UNSUPPORTED,
                            origin,
                            "images of format " + QuotedText.of(format)
                                    + " are not understood; convert it to qcow2 or raw");
            return Optional.empty();
        }
        Optional<XmlElement> source = disk.child("source");
        boolean slice = source.filter(element -> element.hasChild("slices")).isPresent();
        if (slice && known.get() != ImageFormat.RAW) {
            domain.out()
                    .notUnderstood(
                            origin,
                            "an image inside of another file (slices), whose header is not read",
                            "copy it out");
            return Optional.empty();
        }
        FileName name = FileName.of(path.bytes());
        return Optional.of(new ImageRequest(
                name,
                new Declared(known.get()),
                readOnly ? Access.READ_ONLY : Access.READ_WRITE,
                backing(origin, disk, declared),
                dataFile(origin, disk, declared)));
    }

    /** An empty element ends the chain; without one the header tells. Recursion is bounded by the reader's depth. */
    private BackingChoice backing(Origin origin, XmlElement disk, Declarations declared) {
        Optional<XmlElement> store = disk.child("backingStore");
        if (store.isEmpty()) {
            return new HeaderBacking();
        }
        XmlElement backing = store.get();
        if (backing.attribute("type").isEmpty() && !backing.hasChild("source")) {
            return new NoBacking();
        }
        Optional<String> format = backing.childAttribute("format", "type");
        if (format.isEmpty()) {
            domain.out().malformed(origin, "a backingStore without its format");
            return new NoBacking();
        }
        domain.refuseUnknown(
                origin + "/backingStore", backing, Set.of("source", "format", "backingStore", "dataStore"));
        boolean isDeclared = declared.declares(backing);
        Declarations below = declared.below(backing);
        return switch (source(origin, FileRole.BACKING, backing)) {
            case Local(HostPath path) ->
                image(origin, backing, below, path, format.get(), true)
                        .<BackingChoice>map(image -> isDeclared ? new DeclaredBacking(image) : new ProbedBacking(image))
                        .orElseGet(NoBacking::new);
            case Outside(String reference, String protocol) -> {
                outsideImage(origin, backing, below, format.get(), true);
                yield isDeclared ? new ExternalBacking(reference, protocol) : new HeaderBacking();
            }
            case Nowhere() -> new NoBacking();
        };
    }

    /** libvirt itself looks for a data file beside its image, and tells qemu where it is. */
    private DataFileChoice dataFile(Origin origin, XmlElement disk, Declarations declared) {
        Optional<XmlElement> store = disk.child("source")
                .flatMap(source -> source.child("dataStore"))
                .or(() -> disk.child("dataStore"));
        DataFileChoice header = new HeaderDataFile(new BesideImage());
        if (store.isEmpty() || !declared.has("dataStore")) {
            return header;
        }
        return switch (source(origin, FileRole.DATA_FILE, store.get())) {
            case Local(HostPath path) -> new DeclaredDataFile(FileName.of(path.bytes()));
            case Outside(String reference, String protocol) -> {
                domain.out().external(origin, FileRole.DATA_FILE, reference, protocol);
                yield header;
            }
            case Nowhere() -> header;
        };
    }

    /** Of a disk, a mirror, a backing or a data store: all have a type, and a source that fits it. */
    private Source source(Origin origin, FileRole role, XmlElement disk) {
        Optional<XmlElement> element = disk.child("source");
        if (element.isEmpty()) {
            return new Nowhere();
        }
        XmlElement source = element.get();
        domain.refuseUnknown(origin + "/source", source, UNDERSTOOD_IN_SOURCE);
        source.child("reservations").ifPresent(reservations -> reservations(origin, reservations));
        if (source.attribute("fdgroup").isPresent()) {
            domain.out()
                    .notUnderstood(
                            origin,
                            "a disk that the manager opens itself (fdgroup), under rules of its own",
                            "name the file without fdgroup");
            return new Nowhere();
        }
        String type = disk.attribute("type").orElse("file");
        return switch (type) {
            case "file" -> local(origin, source.attribute("file"));
            case "block" -> local(origin, source.attribute("dev"));
            case "network" -> network(origin, role, source);
            default -> {
                domain.out()
                        .notUnderstood(
                                origin,
                                "a disk of type " + QuotedText.of(type) + ", whose file only the host can tell",
                                "give it as type='file' or type='block'");
                yield new Nowhere();
            }
        };
    }

    /** A drive may be empty. */
    private Source local(Origin origin, Optional<String> name) {
        if (name.isEmpty() || name.get().isEmpty() || !domain.isAbsolute(origin, name.get())) {
            return new Nowhere();
        }
        return domain.out()
                .path(origin, Domain.bytes(name.get()))
                .<Source>map(Local::new)
                .orElseGet(Nowhere::new);
    }

    private Source network(Origin origin, FileRole role, XmlElement source) {
        for (XmlElement host : source.all("host")) {
            host.attribute("socket")
                    .ifPresent(path -> domain.file(origin, FileRole.SOCKET, path, UseAccess.READ_WRITE));
        }
        source.childAttribute("config", "file")
                .ifPresent(path -> domain.file(origin, FileRole.CONFIGURATION, path, UseAccess.READ_ONLY));
        source.childAttribute("knownHosts", "path")
                .ifPresent(path -> domain.file(origin, FileRole.CONFIGURATION, path, UseAccess.READ_ONLY));
        if (source.childAttribute("identity", "keyfile").isPresent()) {
            domain.out().notUnderstood(origin, "a key for ssh (" + role.word() + ")", "use an agent");
        }
        String protocol = source.attribute("protocol").orElse("");
        return new Outside(protocol + ":" + source.attribute("name").orElse(""), protocol);
    }

    private void reservations(Origin origin, XmlElement reservations) {
        reservations
                .childAttribute("source", "path")
                .ifPresent(path -> domain.file(origin, FileRole.SOCKET, path, UseAccess.READ_WRITE));
    }
}

package labeler.vm.libvirt;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.ImageRequest.BackingChoice;
import labeler.chain.ImageRequest.BesideImage;
import labeler.chain.ImageRequest.DataFileBase;
import labeler.chain.ImageRequest.DataFileChoice;
import labeler.chain.ImageRequest.Declared;
import labeler.chain.ImageRequest.DeclaredBacking;
import labeler.chain.ImageRequest.DeclaredDataFile;
import labeler.chain.ImageRequest.ExternalBacking;
import labeler.chain.ImageRequest.HeaderBacking;
import labeler.chain.ImageRequest.HeaderDataFile;
import labeler.chain.ImageRequest.NoBacking;
import labeler.chain.ImageRequest.ProbedBacking;
import labeler.problem.Problem;
import labeler.problem.QuotedText;
import labeler.vm.DeclaredUse.ImageUse;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.Origin;
import labeler.vm.libvirt.DiskSource.Device;
import labeler.vm.libvirt.DiskSource.Local;
import labeler.vm.libvirt.DiskSource.Nowhere;
import labeler.vm.libvirt.DiskSource.Outside;

/**
 * A disk, its mirror, or a layer below: all have a type, and a source that fits it.
 *
 * @param declared the declarations about it
 * @param format as it is written; a disk without one is raw, since libvirt never probes one
 */
record DiskLayer(
        Domain domain,
        Place place,
        XmlElement element,
        Declarations declared,
        Optional<String> format,
        boolean readOnly) {
    private static final Set<String> UNDERSTOOD = NameTable.of("""
        source backingStore mirror driver target readonly shareable transient alias address boot iotune blockio
        geometry serial wwn vendor product auth encryption diskSecretsPlacement acpi throttlefilters iothreads
        """);

    /** Formats whose headers name no other file: only the one file matters here. */
    private static final Set<String> SELF_CONTAINED = NameTable.of("luks iso");

    private static final Set<String> UNDERSTOOD_IN_BACKING = NameTable.of("source format backingStore dataStore");

    /** The place of the disk with this target, which is quoted. */
    static Origin origin(String target) {
        return new Origin("devices/disk[@target=" + target + "]");
    }

    /** {@code <disk>}: an image, with the chain below it if libvirt has written it out. */
    static void disk(Domain domain, XmlElement disk, int index) {
        String name = disk.value("target@dev")
                .map(dev -> "@target=" + QuotedText.of(dev))
                .orElse(Integer.toString(index));
        Place place = domain.at("devices/disk[" + name + "]");
        String device = disk.value("@device").orElse("disk");
        FileRole role = switch (device) {
            case "cdrom" -> FileRole.CDROM;
            case "floppy" -> FileRole.FLOPPY;
            default -> FileRole.DISK;
        };
        place.refuseUnknown(disk, UNDERSTOOD);
        OwnLabels.declareOfDisk(place, disk);
        boolean sharesBacking = disk.value("transient@shareBacking").equals(Optional.of("yes"));
        boolean readOnly = role == FileRole.CDROM || disk.hasChild("readonly") || sharesBacking;
        new DiskLayer(domain, place, disk, domain.declared(disk), disk.value("driver@type"), readOnly)
                .declare(role, disk.hasChild("shareable"));
        if (disk.hasChild("transient")) {
            disk.value("source@file")
                    .filter(file -> !file.isEmpty())
                    .ifPresent(file -> place.below("transient")
                            .made(
                                    role,
                                    file + ".TRANSIENT-" + domain.name(),
                                    Making.ELSEWHERE,
                                    "libvirt makes this overlay at the start, and removes it at the end"));
        }
        disk.child("mirror").map(mirror -> withItsLayers(domain, disk, mirror)).ifPresent(mirror -> {
            OwnLabels.declareOfDisk(place.below("mirror"), mirror);
            Optional<String> format = mirror.value("format@type");
            new DiskLayer(domain, place.below("mirror"), mirror, Declarations.AS_WRITTEN, format, false)
                    .declare(role, false);
        });
    }

    /**
     * libvirt writes down what is below a copy, or that nothing is. Only where the copy is to have the layers of the disk
     * itself, it does not. Headers are not to be followed where all is declared.
     */
    private static XmlElement withItsLayers(Domain domain, XmlElement disk, XmlElement mirror) {
        boolean isShallow = mirror.has("job", "copy") && !mirror.hasChild("backingStore");
        if (!isShallow || !domain.declared(disk).asWritten()) {
            return mirror;
        }
        List<XmlElement> children = Stream.concat(mirror.children().stream(), disk.all("backingStore").stream())
                .toList();
        return new XmlElement(mirror.name(), mirror.attributes(), children, mirror.text());
    }

    private void declare(FileRole role, boolean shareable) {
        switch (DiskSource.of(domain, place, element, readOnly)) {
            case Local local -> image(local).ifPresent(image -> use(role, image, shareable));
            case Outside(String reference, String protocol) -> {
                place.out().external(place.origin(), role, reference, protocol);
                belowOutside();
            }
            case Device() -> belowOutside();
            case Nowhere() -> {}
        }
    }

    private void use(FileRole role, ImageRequest image, boolean shareable) {
        place.out().use(new ImageUse(place.origin(), role, image, shareable, Declarations.mayBeMissing(element)));
    }

    private String formatName() {
        return format.orElse("raw");
    }

    private Access access() {
        return Access.of(!readOnly);
    }

    /**
     * The header of an image that is remote, or on a device that qemu drives itself, cannot be read here; libvirt does not
     * read it either. If the definition does not write out the layers below it, a file of this host that the header names
     * is in no set: qemu cannot open it.
     */
    private void belowOutside() {
        if (formatName().equals("raw") || SELF_CONTAINED.contains(formatName())) {
            return;
        }
        if (dataFile() instanceof DeclaredDataFile(FileName name, DataFileBase base)) {
            Declared raw = new Declared(ImageFormat.RAW);
            use(FileRole.DATA_FILE, ImageRequest.followingHeaders(name, raw, access(), base), false);
        }
        switch (backing()) {
            case DeclaredBacking(ImageRequest image) -> use(FileRole.BACKING, image, false);
            case ExternalBacking(String reference, String protocol) ->
                place.out().external(place.origin(), FileRole.BACKING, reference, protocol);
            case NoBacking() -> {}
            case HeaderBacking _, ProbedBacking _ ->
                place.out()
                        .external(
                                place.origin(),
                                FileRole.BACKING,
                                "unread header of an image that is no file of this host: write out its backingStore",
                                "");
        }
    }

    private Optional<ImageRequest> image(Local local) {
        Optional<ImageFormat> known = SELF_CONTAINED.contains(formatName())
                ? Optional.of(ImageFormat.RAW)
                : ImageFormat.ofDriver(formatName());
        if (known.isEmpty()) {
            place.out()
                    .problem(
                            Problem.Kind.UNSUPPORTED,
                            place.origin(),
                            "images of format " + QuotedText.of(formatName())
                                    + " are not understood; convert it to qcow2 or raw");
            return Optional.empty();
        }
        boolean slice = element.child("source")
                .filter(source -> source.hasChild("slices"))
                .isPresent();
        if (slice && known.get() != ImageFormat.RAW) {
            return slice(local);
        }
        return Optional.of(new ImageRequest(local.name(), new Declared(known.get()), access(), backing(), dataFile()));
    }

    /** An image inside of another file, whose header is not read. The layers below it have to be written out. */
    private Optional<ImageRequest> slice(Local local) {
        switch (backing()) {
            case DeclaredBacking(ImageRequest image) -> use(FileRole.BACKING, image, false);
            case ExternalBacking(String reference, String protocol) ->
                place.out().external(place.origin(), FileRole.BACKING, reference, protocol);
            case NoBacking() -> {}
            case HeaderBacking _, ProbedBacking _ -> {
                place.notUnderstood(
                        "an image inside of another file (slices), whose header is not read",
                        "write out its backingStore, an empty element where it has none");
                return Optional.empty();
            }
        }
        Declared raw = new Declared(ImageFormat.RAW);
        return Optional.of(ImageRequest.followingHeaders(local.name(), raw, access(), new BesideImage()));
    }

    /** An empty element ends the chain; without one the header decides. Recursion ends at the reader's depth. */
    private BackingChoice backing() {
        Optional<XmlElement> store = element.child("backingStore");
        if (store.isEmpty()) {
            return new HeaderBacking();
        }
        XmlElement backing = store.get();
        if (backing.value("@type").isEmpty() && !backing.hasChild("source")) {
            return new NoBacking();
        }
        Optional<String> backingFormat = backing.value("format@type");
        if (backingFormat.isEmpty()) {
            place.malformed("a backingStore without its format");
            return new NoBacking();
        }
        place.below("backingStore").refuseUnknown(backing, UNDERSTOOD_IN_BACKING);
        boolean isDeclared = declared.declares(backing);
        DiskLayer below = new DiskLayer(domain, place, backing, declared.below(backing), backingFormat, true);
        return switch (DiskSource.of(domain, place, backing, true)) {
            case Local local -> {
                OwnLabels.declareOfLayer(place, local.path(), backing);
                yield below.image(local)
                        .<BackingChoice>map(image -> isDeclared ? new DeclaredBacking(image) : new ProbedBacking(image))
                        .orElseGet(NoBacking::new);
            }
            case Outside(String reference, String protocol) -> {
                below.belowOutside();
                yield isDeclared ? new ExternalBacking(reference, protocol) : new HeaderBacking();
            }
            // A device, a directory or a socket that libvirt has found in a header: the header is judged.
            case Device() -> {
                below.belowOutside();
                yield isDeclared ? new NoBacking() : new HeaderBacking();
            }
            case Nowhere() -> isDeclared ? new NoBacking() : new HeaderBacking();
        };
    }

    /** libvirt itself looks for a data file beside its image, and tells qemu its place. */
    private DataFileChoice dataFile() {
        Optional<XmlElement> store = element.child("source")
                .flatMap(source -> source.child("dataStore"))
                .or(() -> element.child("dataStore"));
        DataFileBase base = new BesideImage();
        DataFileChoice header = new HeaderDataFile(base);
        if (store.isEmpty() || !declared.has("dataStore")) {
            return header;
        }
        return switch (DiskSource.of(domain, place, store.get(), readOnly)) {
            case Local local -> {
                OwnLabels.declareOfLayer(place, local.path(), store.get());
                yield new DeclaredDataFile(local.name(), base);
            }
            case Outside(String reference, String protocol) -> {
                place.out().external(place.origin(), FileRole.DATA_FILE, reference, protocol);
                yield header;
            }
            case Device(), Nowhere() -> header;
        };
    }
}

package labeler.vm.libvirt;

import java.util.Optional;
import java.util.Set;
import labeler.chain.FileName;
import labeler.linux.HostPath;
import labeler.problem.QuotedText;
import labeler.vm.FileRole;
import labeler.vm.LibraryFiles;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;

/** The place of a disk's content, by its type and {@code <source>}. */
sealed interface DiskSource {
    /** A file or a block device of this host. */
    record Local(HostPath path) implements DiskSource {
        FileName name() {
            return FileName.of(path.bytes());
        }
    }

    /** Reached over a network, or by another process. */
    record Outside(String reference, String protocol) implements DiskSource {}

    /** A device of this host, which has been declared. It may hold an image, whose header nobody reads. */
    record Device() implements DiskSource {}

    /** No medium, a directory or a server, which has been declared, or a problem that has been reported. */
    record Nowhere() implements DiskSource {}

    /** Reads a source, and declares all that belongs to it beside the content. */
    static DiskSource of(Domain domain, Place place, XmlElement layer, boolean readOnly) {
        return new Reader(domain, place, readOnly).read(layer);
    }

    /** Reads one source. */
    record Reader(Domain domain, Place place, boolean readOnly) {
        private static final Set<String> UNDERSTOOD = NameTable.of("""
            seclabel slices encryption auth host snapshot config reservations initiator address ssl cookies readahead
            timeout identity reconnect dataStore privateData knownHosts
            """);

        private DiskSource read(XmlElement layer) {
            Optional<XmlElement> child = layer.child("source");
            if (child.isEmpty()) {
                return new Nowhere();
            }
            XmlElement source = child.get();
            place.below("source").refuseUnknown(source, UNDERSTOOD);
            reservations(source);
            if (source.value("@fdgroup").isPresent()) {
                place.notUnderstood(
                        "a disk that the manager opens itself (fdgroup), under rules of its own",
                        "name the file without fdgroup");
                return new Nowhere();
            }
            String type = layer.value("@type").orElse("file");
            return switch (type) {
                case "file" -> local(source.value("@file"));
                case "block" -> local(source.value("@dev"));
                case "network" -> network(source);
                case "volume" -> volume(source);
                default -> notAnImage(type, source);
            };
        }

        /** Disks that are no file: qemu opens a device, a directory or a socket. */
        private DiskSource notAnImage(String type, XmlElement source) {
            Place at = place.below("source");
            switch (type) {
                case "dir" -> at.tree(source.value("@dir"), UseAccess.of(!readOnly));
                case "nvme" -> {
                    HostDevices.pci(at, source, source.has("managed", "yes"));
                    return new Device();
                }
                case "vhostuser" -> at.file(FileRole.SOCKET, source.value("@path"), UseAccess.READ_WRITE);
                case "vhostvdpa" -> {
                    at.file(FileRole.HOST_DEVICE, source.value("@dev"), UseAccess.READ_WRITE);
                    return new Device();
                }
                default ->
                    place.notUnderstood(
                            "a disk of type " + QuotedText.of(type) + ", which is not known",
                            "give it as type='file' or type='block'");
            }
            return new Nowhere();
        }

        /** A drive may be empty. */
        private DiskSource local(Optional<String> name) {
            return name.flatMap(place::path).<DiskSource>map(Local::new).orElseGet(Nowhere::new);
        }

        private DiskSource volume(XmlElement source) {
            String pool = source.value("@pool").orElse("");
            String volume = source.value("@volume").orElse("");
            boolean isDirect = source.has("mode", "direct");
            return switch (PoolVolume.find(domain.host().pool(pool), volume, isDirect)) {
                case PoolVolume.File(String path) -> local(Optional.of(path));
                case PoolVolume.Remote(String protocol) -> outside(pool + "/" + volume, protocol, false);
                case PoolVolume.Unknown(String reason) -> {
                    place.notUnderstood(
                            "the volume " + QuotedText.of(volume) + " of the pool " + QuotedText.of(pool) + ": "
                                    + reason,
                            "give it as type='file' or type='block'");
                    yield new Nowhere();
                }
            };
        }

        private void reservations(XmlElement source) {
            if (source.value("reservations@managed").equals(Optional.of("yes"))) {
                place.privateFile(
                        domain,
                        "pr-helper0.sock",
                        FileRole.SOCKET,
                        "libvirt runs qemu-pr-helper, which makes its socket");
            } else {
                place.file(FileRole.SOCKET, source.value("reservations/source@path"), UseAccess.READ_WRITE);
            }
        }

        private DiskSource network(XmlElement source) {
            for (XmlElement host : source.all("host")) {
                place.file(FileRole.SOCKET, host.value("@socket"), UseAccess.READ_WRITE);
            }
            place.file(FileRole.CONFIGURATION, source.value("config@file"), UseAccess.READ_ONLY);
            place.file(FileRole.CONFIGURATION, source.value("knownHosts@path"), UseAccess.READ_ONLY);
            place.file(FileRole.SECRET, source.value("identity@keyfile"), UseAccess.READ_ONLY);
            place.file(FileRole.SOCKET, source.value("identity@agentsock"), UseAccess.READ_WRITE);
            String protocol = source.value("@protocol").orElse("");
            if (isEncrypted(source, protocol)) {
                Certificates.of(domain, protocol, "/etc/pki/libvirt-" + protocol)
                        .ofClient(place.below("source"));
            }
            boolean hasSettings = source.value("config@file").isPresent();
            return outside(source.value("@name").orElse(""), protocol, hasSettings);
        }

        /** @param hasSettings whether the definition names settings for the library that reaches it */
        private DiskSource outside(String name, String protocol, boolean hasSettings) {
            switch (protocol) {
                case "rbd" -> {
                    if (!hasSettings) {
                        LibraryFiles.ofCeph(place.origin(), place.out());
                    }
                }
                case "ssh" -> LibraryFiles.ofSsh(place.origin(), place.out());
                default -> {}
            }
            return new Outside(protocol + ":" + name, protocol);
        }

        /** Other protocols bring certificates of their own, or have qemu's library find them. */
        private boolean isEncrypted(XmlElement source, String protocol) {
            boolean hasCertificates = protocol.equals("nbd") || protocol.equals("vxhs");
            String wish = source.value("@tls").orElse("");
            return hasCertificates
                    && (wish.equals("yes")
                            || (!wish.equals("no") && domain.settings().isOn(protocol + "_tls")));
        }
    }
}

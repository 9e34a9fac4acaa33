package labeler.vm.libvirt;

import java.util.Set;
import labeler.problem.QuotedText;
import labeler.vm.FileRole;
import labeler.vm.Words;

/** {@code <disk>}: images, with the chain below them where libvirt has written it out. */
final class Disks {
    private static final Set<String> UNDERSTOOD = Words.of("""
        source backingStore mirror driver target readonly shareable transient alias address boot iotune blockio
        geometry serial wwn vendor product auth encryption diskSecretsPlacement acpi throttlefilters iothreads
        """);

    private Disks() {}

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
        place.refuseOwnLabels(disk);
        if (disk.hasChild("transient")) {
            place.notUnderstood(
                    "a transient disk writes to an overlay that is made later",
                    "make an overlay and name it as the disk");
            return;
        }
        boolean readOnly = device.equals("cdrom") || disk.hasChild("readonly");
        new DiskLayer(place, disk, domain.declared(disk), disk.value("driver@type"), readOnly)
                .declare(role, disk.hasChild("shareable"));
        disk.child("mirror")
                .map(mirror -> new DiskLayer(
                        place.below("mirror"), mirror, Declarations.AS_WRITTEN, mirror.value("format@type"), false))
                .ifPresent(mirror -> mirror.declare(role, false));
    }
}

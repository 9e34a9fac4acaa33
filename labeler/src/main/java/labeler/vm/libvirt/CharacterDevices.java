package labeler.vm.libvirt;

import java.util.Optional;
import java.util.Set;
import labeler.problem.QuotedText;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;

/** The back ends of serial ports and of all other devices that libvirt describes in the same way. */
final class CharacterDevices {
    private static final FileRole ROLE = FileRole.CHARACTER_DEVICE;

    /** Types that open no file of the host by a name. A terminal's path only reports which one was chosen. */
    private static final Set<String> NO_FILE =
            NameTable.of("pty tcp udp stdio null vc spicevmc spiceport qemu-vdagent dbus");

    private CharacterDevices() {}

    /** @param element with {@code type}, {@code <source>} and {@code <log>} */
    static void declare(Place device, XmlElement element) {
        Place place = device.below("source");
        String type = element.value("@type").orElse("pty");
        Optional<String> path = element.value("source@path");
        switch (type) {
            case "file" -> place.file(ROLE, path, UseAccess.CREATE);
            case "dev" -> place.file(ROLE, path, UseAccess.READ_WRITE);
            case "pipe" -> path.ifPresent(place::pipe);
            case "unix" -> element.all("source").forEach(source -> unix(place, source));
            default -> {
                if (!NO_FILE.contains(type)) {
                    place.notUnderstood(
                            "the back end " + QuotedText.of(type) + " is not known", "use file, pty or unix");
                }
            }
        }
        device.below("log").file(FileRole.LOG, element.value("log@file"), UseAccess.CREATE);
    }

    /** Without a path, libvirt chooses one when it starts the VM, for a socket of its own. */
    static void unix(Place place, XmlElement source) {
        Optional<String> path = source.value("@path");
        if (path.filter(name -> name.startsWith("@")).isPresent()) {
            place.out()
                    .abstractSocket(
                            place.origin(), "leave out the path, and libvirt makes one in the VM's own directory");
        } else if (source.has("mode", "connect") || source.has("mode", "client")) {
            // A vhost-user interface says client and server; the others say connect and bind.
            place.file(FileRole.SOCKET, path, UseAccess.READ_WRITE);
        } else {
            place.socket(path, "libvirt or qemu listens there, and makes the socket");
        }
    }
}

package labeler.vm.libvirt;

import java.util.Optional;
import java.util.Set;
import labeler.problem.QuotedText;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;

/** The back ends of serial ports and of all other devices that libvirt describes in the same way. */
final class CharacterDevices {
    private static final FileRole ROLE = FileRole.CHARACTER_DEVICE;

    /** Types that open no file of the host by a name. A terminal's path only reports which one was chosen. */
    private static final Set<String> NO_FILE =
            NameTable.of("pty udp stdio null vc spicevmc spiceport qemu-vdagent dbus");

    private CharacterDevices() {}

    /**
     * libvirt writes the first serial port a second time, as a console. Whatever that says, it is the same back end.
     *
     * @param index among the consoles
     */
    static boolean isTwin(XmlElement devices, XmlElement console, int index) {
        // Only then is the list searched: it may be long.
        Optional<XmlElement> serial =
                console.name().equals("console") && index == 0 ? devices.child("serial") : Optional.empty();
        if (serial.isEmpty()) {
            return false;
        }
        return console.value("target@type")
                .map(type -> type.equals("serial"))
                .orElseGet(() -> console.value("@type").equals(serial.get().value("@type"))
                        && console.child("source").equals(serial.get().child("source")));
    }

    /** @param element with {@code type}, {@code <source>} and {@code <log>} */
    static void declare(Domain domain, Place device, XmlElement element) {
        Place place = device.below("source");
        String type = element.value("@type").orElse("pty");
        Optional<String> path = element.value("source@path");
        switch (type) {
            case "file" -> output(domain, place, ROLE, path);
            case "dev" -> place.file(ROLE, path, UseAccess.READ_WRITE);
            case "pipe" -> path.ifPresent(place::pipe);
            case "unix" -> element.all("source").forEach(source -> unix(place, source));
            case "tcp" -> element.all("source").forEach(source -> encrypted(domain, place, source));
            default -> {
                if (!NO_FILE.contains(type)) {
                    place.notUnderstood(
                            "the back end " + QuotedText.of(type) + " is not known", "use file, pty or unix");
                }
            }
        }
        output(domain, device.below("log"), FileRole.LOG, element.value("log@file"));
    }

    /** libvirt gives such a file to virtlogd and leaves its label, unless its settings have qemu open it. */
    private static void output(Domain domain, Place place, FileRole role, Optional<String> path) {
        if (domain.settings().text("stdio_handler").equals(Optional.of("file"))) {
            place.file(role, path, UseAccess.CREATE);
        } else {
            path.ifPresent(name -> place.made(
                    role, name, DeclaredUse.Making.ELSEWHERE, "virtlogd writes it, and qemu gets a pipe to that"));
        }
    }

    /** Without a path, libvirt chooses one when it starts the VM, for a socket of its own. */
    static void unix(Place place, XmlElement source) {
        Optional<String> path = source.value("@path");
        if (path.filter(name -> name.startsWith("@")).isPresent()) {
            place.out()
                    .abstractSocket(
                            place.origin(), "leave out the path, and libvirt makes one in the VM's own directory");
        } else if (path.isPresent() && !source.has("mode", "bind") && !source.has("mode", "server")) {
            // A vhost-user interface says client and server; the others say connect and bind, and connect by default.
            place.file(FileRole.SOCKET, path, UseAccess.READ_WRITE);
        } else {
            place.socket(path, "libvirt or qemu listens there, and makes the socket");
        }
    }

    private static void encrypted(Domain domain, Place place, XmlElement source) {
        String wish = source.value("@tls").orElse("");
        if (wish.equals("yes") || (!wish.equals("no") && domain.settings().isOn("chardev_tls"))) {
            Certificates certificates = Certificates.of(domain, "chardev", "/etc/pki/libvirt-chardev");
            if (source.has("mode", "bind")) {
                certificates.ofServer(place);
            } else {
                certificates.ofClient(place);
            }
        }
    }
}

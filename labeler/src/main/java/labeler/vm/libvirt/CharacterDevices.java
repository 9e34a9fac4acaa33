package labeler.vm.libvirt;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.problem.QuotedText;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/** The back ends of serial ports and of all else that libvirt describes in the same words. */
final class CharacterDevices {
    /** Types that open no file of the host by a name. A terminal's path only tells which one it became. */
    private static final Set<String> NO_FILE =
            Set.of("pty", "tcp", "udp", "stdio", "null", "vc", "spicevmc", "spiceport", "qemu-vdagent", "dbus");

    private final Domain domain;

    CharacterDevices(Domain domain) {
        this.domain = domain;
    }

    /** @param element with {@code type}, {@code <source>} and {@code <log>} */
    void declare(String where, XmlElement element) {
        Origin origin = new Origin(where + "/source");
        Optional<XmlElement> source = element.child("source");
        String type = element.attribute("type").orElse("pty");
        Optional<String> path = source.flatMap(found -> found.attribute("path"));
        switch (type) {
            case "file" ->
                path.ifPresent(name -> domain.file(origin, FileRole.CHARACTER_DEVICE, name, UseAccess.CREATE));
            case "dev" ->
                path.ifPresent(name -> domain.file(origin, FileRole.CHARACTER_DEVICE, name, UseAccess.READ_WRITE));
            case "pipe" -> path.filter(name -> domain.isAbsolute(origin, name)).ifPresent(name -> pipe(origin, name));
            case "unix" -> unix(origin, element);
            default -> {
                if (!NO_FILE.contains(type)) {
                    domain.out()
                            .notUnderstood(
                                    origin,
                                    "the back end " + QuotedText.of(type) + " is not known",
                                    "use file, pty or unix");
                }
            }
        }
        element.child("log")
                .flatMap(log -> log.attribute("file"))
                .ifPresent(name -> domain.file(new Origin(where + "/log"), FileRole.LOG, name, UseAccess.CREATE));
    }

    private void pipe(Origin origin, String name) {
        for (String suffix : List.of(".in", ".out")) {
            domain.out()
                    .searched(
                            origin,
                            FileRole.CHARACTER_DEVICE,
                            List.of(Domain.bytes(name + suffix), Domain.bytes(name)),
                            UseAccess.READ_WRITE);
        }
    }

    /** Without a path libvirt makes one up when it starts the VM, for a socket of its own. */
    private void unix(Origin origin, XmlElement element) {
        for (XmlElement source : element.all("source")) {
            source.attribute("path").ifPresent(path -> {
                if (path.startsWith("@")) {
                    domain.out()
                            .abstractSocket(
                                    origin, "leave out the path, and libvirt makes one in the VM's own directory");
                    return;
                }
                // A vhost-user interface says client and server where the others say connect and bind.
                if (source.has("mode", "connect") || source.has("mode", "client")) {
                    domain.file(origin, FileRole.SOCKET, path, UseAccess.READ_WRITE);
                } else {
                    domain.socket(origin, path, "libvirt or qemu listens there, and makes the socket");
                }
            });
        }
    }
}

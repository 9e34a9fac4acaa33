package labeler.fileset;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import labeler.linux.HostPath;

/**
 * Sockets and FIFOs of the host itself, by the kernel's name for them. They belong to programs that all of the host uses,
 * so no VM may have them labelled; and who may write into some of them commands the host.
 */
final class HostSockets {
    /** The default places of qemu's and Intel's helpers; a helper of one VM listens elsewhere. */
    private static final List<HostPath> OF_HELPERS = List.of(
            HostPath.of("/run/qemu-pr-helper.sock"),
            HostPath.of("/run/qemu-vmsr-helper.sock"),
            HostPath.of("/run/tdx-qgs/qgs.socket"),
            HostPath.of("/run/pcscd/pcscd.comm"));

    /** The host's screens, sound servers and braille displays, which other programs of the host use as well. */
    private static final Pattern OF_DESKTOP = Pattern.compile(
            "/tmp/\\.X11-unix/X[0-9]+|/var/lib/BrlAPI/[0-9]+|/run/(user/[0-9]+/|pulse/|pipewire/)?(pulse/)?(native|pipewire-0)");

    /** Managers of containers, VMs, services, packages and devices, buses, the log. They take commands from whoever connects. */
    private static final Pattern OF_COMMANDS = Pattern.compile("/run/(initctl"
            + "|docker\\.sock|docker/.+|containerd/.+|podman/.+|crio/.+|buildkit/.+|lxd/.+|incus/.+|lxc/.+"
            + "|dbus/.+|user/[0-9]+/(bus|systemd/.+|docker\\.sock|podman/.+|libvirt/.+)"
            + "|systemd/.+|udev/.+|snapd[^/]*\\.socket|acpid\\.socket|rpcbind\\.sock|chrony/.+|nscd/.+"
            + "|libvirt/[^/]+|libvirt/(common|hostdevmgr|interface|network|nodedev|nwfilter|secrets|storage|lockd)/.+"
            + "|cockpit/.+|multipathd\\.sock|lvm/.+|fail2ban/.+|postgresql/.+|mysqld/.+)");

    private HostSockets() {}

    /** The reason why it keeps its label, if VMs may have it as it is. */
    static Optional<String> reasonToLeave(HostPath path) {
        return OF_HELPERS.contains(path) || OF_DESKTOP.matcher(path.printable()).matches()
                ? Optional.of("a helper of the host, at which it listens for all VMs")
                : Optional.empty();
    }

    /** The reason why no VM may have it, if so. */
    static Optional<String> refusal(HostPath path) {
        return OF_COMMANDS.matcher(path.printable()).matches()
                ? Optional.of("is a place where a service of the host takes requests from all its programs; leave it"
                        + " out, or run a program of the VM's own that listens elsewhere")
                : Optional.empty();
    }
}

package labeler.vm.libvirt;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.vm.FileRole;
import labeler.vm.SharedDevices;
import labeler.vm.UseAccess;
import labeler.vm.qemu.option.BusAddress;

/** {@code <graphics>}: the sockets of displays, the nodes of graphics cards, certificates. */
final class Graphics {
    private static final String LISTENS = "qemu listens there: it makes the socket itself";

    /** With the label of content every VM could read it, and then type into that screen. */
    private static final String OF_SCREEN =
            "lets its reader use the host's screen, which is its user's; the policy says who may read it";

    private static final String OF_PASSWORDS =
            "holds settings for all VMs of this host; the policy says who may read them";

    private final Domain domain;

    /** All displays for which libvirt chooses have the same node. */
    private boolean hasFirstNode;

    Graphics(Domain domain) {
        this.domain = domain;
    }

    void declare(Place place, XmlElement device) {
        place.socket(device.value("@socket"), LISTENS);
        device.all("listen").forEach(listen -> place.socket(listen.value("@socket"), LISTENS));
        switch (device.value("@type").orElse("")) {
            case "vnc" -> {
                if (domain.settings().isOn("vnc_tls")) {
                    Certificates.of(domain, "vnc", "/etc/pki/libvirt-vnc").ofServer(place);
                }
                passwords(place, "vnc");
            }
            case "spice" -> {
                if (domain.settings().isOn("spice_tls")) {
                    Certificates.of(domain, "spice", "/etc/pki/libvirt-spice").ofServer(place);
                }
                passwords(place, "spice");
                renderNode(place, device, device.value("gl@enable").equals(Optional.of("yes")));
            }
            case "egl-headless" -> renderNode(place, device, true);
            case "dbus" -> {
                bus(place, device);
                renderNode(place, device, device.value("gl@enable").equals(Optional.of("yes")));
            }
            case "sdl" -> window(place, device);
            default -> renderNode(place, device, false);
        }
    }

    /** The library in qemu that asks for passwords reads its settings there. */
    private void passwords(Place place, String kind) {
        LibvirtSettings settings = domain.settings();
        if (settings.isOn(kind + "_sasl")) {
            String directory = settings.text(kind + "_sasl_dir").orElse("/etc/sasl2");
            place.keptBelow("sasl", OF_PASSWORDS)
                    .optional(FileRole.CONFIGURATION, directory + "/qemu.conf", UseAccess.READ_ONLY);
        }
    }

    /** If no node is named, libvirt takes the first of the host. */
    private void renderNode(Place place, XmlElement device, boolean isUsed) {
        Optional<String> named = device.value("gl@rendernode").filter(name -> !name.isEmpty());
        if (named.isPresent()) {
            place.file(FileRole.SHARED_DEVICE, named, UseAccess.READ_WRITE);
        } else if (isUsed && !hasFirstNode) {
            hasFirstNode = true;
            place.searched(FileRole.SHARED_DEVICE, SharedDevices.RENDER_NODES, UseAccess.READ_WRITE);
        }
    }

    /** Without an address libvirt runs a bus for the VM alone, unless qemu is asked by its monitor (p2p). */
    private void bus(Place place, XmlElement device) {
        Optional<String> addresses = device.value("@address");
        if (addresses.isPresent()) {
            BusAddress.parse(new String(addresses.get().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
                    .forEach(address -> bus(place, address));
        } else if (!device.has("p2p", "yes")) {
            place.privateSocket(
                    domain, "dbus", "-dbus.sock", "libvirt runs a D-Bus for the VM, which makes its socket there");
        }
    }

    private static void bus(Place place, BusAddress address) {
        switch (address) {
            case BusAddress.Socket(String name) ->
                place.file(
                        FileRole.SOCKET,
                        new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8),
                        UseAccess.READ_WRITE);
            case BusAddress.AbstractSocket() ->
                place.out().abstractSocket(place.origin(), "leave the address out, and libvirt runs a bus for the VM");
            case BusAddress.Network() -> {}
            case BusAddress.NotUnderstood(String what) -> place.notUnderstood(what, BusAddress.WAY_OUT);
        }
    }

    /** A window on the host's screen, which other programs share. */
    private static void window(Place place, XmlElement device) {
        device.value("@xauth")
                .ifPresent(cookie ->
                        place.keptBelow("xauth", OF_SCREEN).file(FileRole.CONFIGURATION, cookie, UseAccess.READ_ONLY));
        String display = device.value("@display").orElse("");
        if (display.matches(":[0-9]{1,5}(\\.[0-9]{1,5})?")) {
            place.optional(
                    FileRole.SOCKET,
                    "/tmp/.X11-unix/X" + display.substring(1).split("\\.", 2)[0],
                    UseAccess.READ_WRITE);
        }
    }
}

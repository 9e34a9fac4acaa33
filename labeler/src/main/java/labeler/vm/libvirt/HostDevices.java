package labeler.vm.libvirt;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.problem.QuotedText;
import labeler.vm.FileRole;
import labeler.vm.HostDevice;
import labeler.vm.UseAccess;

/** {@code <hostdev>}: devices of the host that the guest is given, by address. */
final class HostDevices {
    private static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private static final Pattern SCSI_HOST = Pattern.compile("scsi_host([0-9]{1,6})");

    private HostDevices() {}

    static void declare(Place place, XmlElement device) {
        if (device.has("mode", "capabilities")) {
            place.notUnderstood("a device for a container (mode='capabilities')", "use mode='subsystem'");
            return;
        }
        Place source = place.below("source");
        XmlElement from = device.child("source").orElse(device);
        switch (device.value("@type").orElse("")) {
            case "usb" -> usb(source, from);
            case "pci" -> pci(source, from, device.has("managed", "yes"));
            case "mdev" -> mediated(source, from);
            case "scsi" -> scsi(source, from, device.hasChild("shareable"));
            // Each VM gets a target of its own there, by its name (wwpn).
            case "scsi_host" -> source.file(FileRole.SHARED_DEVICE, "/dev/vhost-scsi", UseAccess.READ_WRITE);
            default ->
                place.notUnderstood(
                        "a host device of type "
                                + QuotedText.of(device.value("@type").orElse("")) + ", which is not known",
                        "use type='pci', usb, mdev, scsi or scsi_host");
        }
    }

    /** A network card that the guest is given, as an interface. */
    static void declareInterface(Place place, XmlElement device) {
        XmlElement from = device.child("source").orElse(device);
        if (from.value("address@type").equals(Optional.of("usb"))) {
            usb(place.below("source"), from);
        } else {
            pci(place.below("source"), from, device.has("managed", "yes"));
        }
    }

    /**
     * The controller of a disk of type nvme has the address of a PCI device.
     *
     * @param isManaged whether libvirt takes it from the host when it starts the domain
     */
    static void pci(Place place, XmlElement source, boolean isManaged) {
        XmlElement address = source.child("address").orElse(source);
        OptionalInt domain = address.value("@domain").isEmpty() ? OptionalInt.of(0) : address.number("domain", 0xffff);
        OptionalInt bus = address.number("bus", 0xff);
        OptionalInt slot = address.number("slot", 0x1f);
        OptionalInt function = address.value("@function").isEmpty() ? OptionalInt.of(0) : address.number("function", 7);
        if (domain.isEmpty() || bus.isEmpty() || slot.isEmpty() || function.isEmpty()) {
            place.malformed("the address of a PCI device needs bus and slot, within their bounds");
        } else {
            place.device(new HostDevice.Pci(
                    domain.getAsInt(), bus.getAsInt(), slot.getAsInt(), function.getAsInt(), isManaged));
        }
    }

    /** libvirt adds the address to a domain that runs; before that, the device may be named by what it is. */
    private static void usb(Place place, XmlElement source) {
        XmlElement address = source.child("address").orElse(source);
        OptionalInt bus = address.number("bus", 999);
        OptionalInt number = address.number("device", 999);
        OptionalInt vendor = identity(source, "vendor");
        OptionalInt product = identity(source, "product");
        // A domain that runs without its device says so.
        boolean mayBeMissing = source.has("startupPolicy", "optional") || source.has("missing", "yes");
        if (bus.isPresent() && number.isPresent()) {
            String node = String.format("/dev/bus/usb/%03d/%03d", bus.getAsInt(), number.getAsInt());
            if (mayBeMissing) {
                place.optional(FileRole.HOST_DEVICE, node, UseAccess.READ_WRITE);
            } else {
                place.file(FileRole.HOST_DEVICE, node, UseAccess.READ_WRITE);
            }
        } else if (vendor.isPresent() && product.isPresent()) {
            HostDevice named = new HostDevice.UsbProduct(vendor.getAsInt(), product.getAsInt());
            if (mayBeMissing) {
                place.optionalDevice(named);
            } else {
                place.device(named);
            }
        } else {
            place.malformed("a USB device needs its bus and device, or its vendor and product");
        }
    }

    private static OptionalInt identity(XmlElement source, String of) {
        return source.child(of).map(one -> one.number("id", 0xffff)).orElse(OptionalInt.empty());
    }

    private static void mediated(Place place, XmlElement source) {
        Optional<String> uuid =
                source.value("address@uuid").filter(text -> UUID.matcher(text).matches());
        uuid.ifPresentOrElse(
                text -> place.device(new HostDevice.Mediated(text.toLowerCase(Locale.ROOT))),
                () -> place.malformed("a mediated device needs its UUID"));
    }

    /**
     * A unit behind an adapter of the host, or on a server, of which nothing is a file here. One that is only read is the
     * VM's alone: no policy lets a VM at a node for commands that has the label of content.
     */
    private static void scsi(Place place, XmlElement source, boolean isShareable) {
        if (source.value("@protocol").isPresent()) {
            String protocol = source.value("@protocol").orElse("");
            place.out()
                    .external(
                            place.origin(),
                            FileRole.HOST_DEVICE,
                            protocol + ":" + source.value("@name").orElse(""),
                            protocol);
            return;
        }
        Matcher adapter = SCSI_HOST.matcher(source.value("adapter@name").orElse(""));
        XmlElement address = source.child("address").orElse(source);
        OptionalInt bus = address.number("bus", 0xffff);
        OptionalInt target = address.number("target", 0xffff);
        OptionalLong unit = address.number("unit", Long.MAX_VALUE);
        if (!adapter.matches() || bus.isEmpty() || target.isEmpty() || unit.isEmpty()) {
            place.malformed("a SCSI device needs its adapter (scsi_hostN), bus, target and unit");
        } else {
            HostDevice device = new HostDevice.Scsi(
                    Integer.parseInt(adapter.group(1)), bus.getAsInt(), target.getAsInt(), unit.getAsLong());
            if (isShareable) {
                place.shareableDevice(device);
            } else {
                place.device(device);
            }
        }
    }
}

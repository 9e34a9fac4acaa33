package labeler.fileset.device;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import labeler.linux.DeviceNumber;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.vm.SharedDevices;

/**
 * Judges a character device's node by what the kernel says about the device, not by its name: a user may give any node
 * any name.
 */
public final class DeviceNodes {
    /** Terminals of {@code /dev/pts}, which sysfs does not show (Documentation/admin-guide/devices.txt). */
    private static final int FIRST_TERMINAL = 136;

    private static final int LAST_TERMINAL = 143;

    /** A name below /dev; no part of it leads upwards. */
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9_:+-][A-Za-z0-9_.:+-]*(/[A-Za-z0-9_:+-][A-Za-z0-9_.:+-]*)*");

    /** Devices that one program at a time uses: what libvirt and qemu give to a VM as a whole. */
    private static final Set<String> OF_ONE = Set.of(
            "usb",
            "usbmisc",
            "input",
            "hidraw",
            "tpm",
            "tpmrm",
            "vfio",
            "vfio-dev",
            "ppdev",
            "printer",
            "dax",
            "scsi_tape");

    /** The kernel keeps the users of these apart, so that each may have them. */
    private static final Set<String> OF_MANY =
            Set.of("hwrng", "sgx_vepc", "sgx_provision", "sev", "vfio/vfio", "iommu", "vhost-scsi", "udmabuf");

    private static final String VDPA = "vhost-vdpa";

    private final SafeOpen open;
    private final DeviceTree tree;
    private final List<HostPath> configured;

    /**
     * Nodes of this tree.
     *
     * @param configured nodes that the settings give to every VM
     */
    public DeviceNodes(SafeOpen open, DeviceTree tree, List<HostPath> configured) {
        this.open = open;
        this.tree = tree;
        this.configured = List.copyOf(configured);
    }

    /**
     * Whose a node is.
     *
     * @param node a character device, found
     * @param uses the host's own uses of disks
     */
    public Standing of(OpenedFile node, DiskUses uses) {
        int major = DeviceNumber.major(node.status().specialDevice());
        if (major >= FIRST_TERMINAL && major <= LAST_TERMINAL) {
            return new Standing.OfOneVm();
        }
        Optional<KernelDevice> device = device(node.status());
        if (device.isEmpty()) {
            return new Standing.Unknown();
        }
        HostPath own = tree.node(device.get().name());
        if (!open.number(own).equals(Optional.of(node.identity().withoutBirth()))) {
            return new Standing.OfNoVm("is another node of the device " + own + "; name that one");
        }
        return of(device.get(), own, directory(node.status()), uses);
    }

    private Standing of(KernelDevice device, HostPath own, SysfsDirectory directory, DiskUses uses) {
        if (SharedDevices.isOpenToAll(HostPath.of("/dev/" + device.name()))) {
            return new Standing.OfMany("a device node that is open to every process");
        }
        if (device.subsystem().equals("mem")) {
            return new Standing.OfNoVm("gives the memory or the log of the host away (" + own + "); leave it out");
        }
        if (configured.contains(own)) {
            return new Standing.OfMany("a device node that launch.devices gives to every VM");
        }
        return switch (device.subsystem()) {
            case "drm" ->
                ("/dev/" + device.name()).startsWith(SharedDevices.RENDER_NODE)
                        ? new Standing.OfMany("a render node, which many processes use at once")
                        : host(own);
            case "sound" -> new Standing.OfMany("a sound device, which many processes use at once");
            case "misc", "" -> ofNoClass(device, own);
            case "tty" -> device.hardware() && !isConsole(device) ? new Standing.OfOneVm() : host(own);
            case "scsi_generic" -> disk(own, directory, uses);
            default -> OF_ONE.contains(device.subsystem()) ? new Standing.OfOneVm() : host(own);
        };
    }

    /** Whether the kernel speaks to its administrator there. */
    private boolean isConsole(KernelDevice device) {
        return new SysfsDirectory(tree.sysfs())
                .below("class/tty/console")
                .text("active")
                .filter(names -> List.of(names.split(" ", -1)).contains(device.name()))
                .isPresent();
    }

    private static Standing ofNoClass(KernelDevice device, HostPath own) {
        if (device.name().startsWith(VDPA)) {
            return new Standing.OfOneVm();
        }
        return OF_MANY.contains(device.name())
                ? new Standing.OfMany("a device node that many processes use at once")
                : host(own);
    }

    private static Standing host(HostPath own) {
        return new Standing.OfNoVm("is a node of the host itself (" + own
                + "), and not known as a device that one VM may have; leave it out, or list it in launch.devices, for"
                + " every VM to use");
    }

    /** A command through such a node reaches the whole disk, whoever has it mounted. */
    private Standing disk(HostPath own, SysfsDirectory node, DiskUses uses) {
        return HostDisk.uses(node.below("device"), uses)
                .<Standing>map(use -> new Standing.OfNoVm(
                        "is a disk of the host (" + own + "): " + use + "; take it out of use on the host first"))
                .orElseGet(Standing.OfOneVm::new);
    }

    private SysfsDirectory directory(FileStatus status) {
        long device = status.specialDevice();
        return new SysfsDirectory(tree.sysfs())
                .below("dev/char/" + DeviceNumber.major(device) + ":" + DeviceNumber.minor(device));
    }

    private Optional<KernelDevice> device(FileStatus status) {
        SysfsDirectory directory = directory(status);
        return directory
                .text("uevent")
                .flatMap(DeviceNodes::name)
                .map(name ->
                        new KernelDevice(name, directory.linkName("subsystem").orElse(""), directory.has("device")));
    }

    private static Optional<String> name(String uevent) {
        return uevent.lines()
                .filter(line -> line.startsWith("DEVNAME="))
                .map(line -> line.substring("DEVNAME=".length()))
                .filter(name -> NAME.matcher(name).matches())
                .findFirst();
    }
}

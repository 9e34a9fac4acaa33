package labeler.fileset.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import labeler.fileset.device.AddressedNodes.Known;
import labeler.fileset.device.AddressedNodes.Unknown;
import labeler.linux.HostPath;
import labeler.vm.HostDevice;

/** Finds the nodes of devices that a definition names by address, in sysfs. */
public final class DeviceAddresses {
    private static final Pattern UUID = Pattern.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
    private static final Pattern GENERIC = Pattern.compile("sg[0-9]{1,9}");
    private static final Pattern DISK = Pattern.compile("[A-Za-z0-9]{1,31}");
    private static final Pattern VFIO_DEVICE = Pattern.compile("vfio[0-9]{1,9}");

    private final DeviceTree tree;
    private final SysfsDirectory root;

    public DeviceAddresses(DeviceTree tree) {
        this.tree = tree;
        this.root = new SysfsDirectory(tree.sysfs());
    }

    /** The nodes of a device as the kernel shows it now. */
    public AddressedNodes of(HostDevice device) {
        return switch (device) {
            case HostDevice.Pci pci -> pci(pci);
            case HostDevice.Mediated(String uuid) -> mediated(uuid);
            case HostDevice.Scsi scsi -> scsi(scsi);
            case HostDevice.Usb(int bus, int number) -> usb(bus, number);
            case HostDevice.UsbProduct product -> usb(product);
        };
    }

    private AddressedNodes pci(HostDevice.Pci pci) {
        String address =
                String.format(Locale.ROOT, "%04x:%02x:%02x.%x", pci.domain(), pci.bus(), pci.slot(), pci.function());
        SysfsDirectory device = root.below("bus/pci/devices").below(address);
        if (!device.exists()) {
            return new Unknown("the host has no PCI device " + address + "; lspci -D lists those that it has");
        }
        return group(device, "the PCI device " + address, pci.managed() ? Optional.empty() : Optional.of(address));
    }

    private AddressedNodes mediated(String uuid) {
        if (!UUID.matcher(uuid).matches()) {
            return new Unknown("the mediated device's UUID is none");
        }
        String name = uuid.toLowerCase(Locale.ROOT);
        SysfsDirectory device = root.below("bus/mdev/devices").below(name);
        if (!device.exists()) {
            return new Unknown("the host has no mediated device " + name + "; make it with mdevctl start -u " + name);
        }
        return group(device, "the mediated device " + name, Optional.empty());
    }

    /**
     * A group is one VM's alone, since the hardware does not set its devices apart. So its node stands for all of them.
     *
     * @param address of a device that nobody will take from its driver
     */
    private AddressedNodes group(SysfsDirectory device, String what, Optional<String> address) {
        Optional<String> group = device.linkName("iommu_group")
                .filter(name -> NUMBER.matcher(name).matches());
        if (group.isEmpty()) {
            return new Unknown(
                    what + " is in no IOMMU group; switch the IOMMU on, in the firmware and with intel_iommu=on");
        }
        if (address.isPresent()) {
            Optional<String> foreign = foreign(address.get(), group.get());
            if (foreign.isPresent()) {
                return new Unknown(foreign.get());
            }
        }
        HostPath node = tree.node("vfio/" + group.get());
        if (device.linkName("driver").filter(driver -> !isReady(driver)).isPresent()) {
            return new AddressedNodes.Later(
                    node,
                    "libvirt takes the device from the host when it starts the VM, and the kernel makes the node");
        }
        List<HostNode> nodes = new ArrayList<>(List.of(HostNode.ofOneVm(node)));
        List<String> own = device.below("vfio-dev").names().stream()
                .filter(name -> VFIO_DEVICE.matcher(name).matches())
                .toList();
        own.forEach(name ->
                nodes.add(HostNode.ofOneVm(tree.node("vfio/devices/" + name)).ifThere()));
        nodes.add(HostNode.ofMany(tree.node("vfio/vfio")));
        if (!own.isEmpty()) {
            nodes.add(HostNode.ofMany(tree.node("iommu")));
        }
        return new Known(nodes);
    }

    /** A device of the group that the host still uses: the kernel would give the group to nobody. */
    private Optional<String> foreign(String address, String group) {
        SysfsDirectory devices = root.below("kernel/iommu_groups").below(group).below("devices");
        for (String name : devices.names()) {
            SysfsDirectory device = devices.below(name);
            Optional<String> driver = device.linkName("driver");
            boolean isBridge = device.text("class")
                    .filter(text -> text.startsWith("0x0604"))
                    .isPresent();
            if (isBridge
                    || (driver.isEmpty() && !name.equals(address))
                    || driver.filter(DeviceAddresses::isReady).isPresent()) {
                continue;
            }
            String has = driver.map(word -> " has the host's driver " + word).orElse(" has no driver");
            return Optional.of(
                    name.equals(address)
                            ? "the PCI device " + address + has + "; bind it to vfio-pci (driverctl set-override "
                                    + address + " vfio-pci), or leave that to libvirt (managed='yes')"
                            : "the PCI device " + name + " is in the IOMMU group of " + address + " and" + has
                                    + ", and a group is one VM's alone; bind it to vfio-pci as well");
        }
        return Optional.empty();
    }

    private static boolean isReady(String driver) {
        return driver.contains("vfio") || driver.equals("pci-stub");
    }

    private AddressedNodes scsi(HostDevice.Scsi scsi) {
        String address = scsi.host() + ":" + scsi.bus() + ":" + scsi.target() + ":" + scsi.unit();
        SysfsDirectory device = root.below("bus/scsi/devices").below(address);
        if (!device.exists()) {
            return new Unknown("the host has no SCSI device " + address + "; lsscsi lists those that it has");
        }
        List<HostNode> nodes = new ArrayList<>();
        device.below("scsi_generic").names().stream()
                .filter(name -> GENERIC.matcher(name).matches())
                .forEach(name -> nodes.add(HostNode.ofOneVm(tree.node(name))));
        if (nodes.isEmpty()) {
            return new Unknown("the SCSI device " + address + " has no node for commands; load the module sg");
        }
        // The same disk by its other node: no second VM may have it in that way.
        device.below("block").names().stream()
                .filter(name -> DISK.matcher(name).matches())
                .forEach(name -> nodes.add(HostNode.ofOneVm(tree.node(name)).ifThere()));
        return new Known(nodes);
    }

    private AddressedNodes usb(int bus, int number) {
        return new Known(
                List.of(HostNode.ofOneVm(tree.node(String.format(Locale.ROOT, "bus/usb/%03d/%03d", bus, number)))));
    }

    private AddressedNodes usb(HostDevice.UsbProduct product) {
        String words = String.format(Locale.ROOT, "%04x:%04x", product.vendor(), product.product());
        SysfsDirectory devices = root.below("bus/usb/devices");
        List<AddressedNodes> found = new ArrayList<>();
        for (String name : devices.names()) {
            SysfsDirectory device = devices.below(name);
            boolean isMeant = device.number("idVendor", 16).equals(Optional.of(product.vendor()))
                    && device.number("idProduct", 16).equals(Optional.of(product.product()));
            if (isMeant) {
                Optional<Integer> bus = device.number("busnum", 10);
                Optional<Integer> number = device.number("devnum", 10);
                if (bus.isPresent() && number.isPresent()) {
                    found.add(usb(bus.get(), number.get()));
                }
            }
        }
        return switch (found.size()) {
            case 1 -> found.getFirst();
            case 0 -> new Unknown("the host has no USB device " + words + " now; lsusb lists those that it has");
            default ->
                new Unknown("the host has " + found.size() + " USB devices " + words
                        + "; say which one by its bus and number on it");
        };
    }
}

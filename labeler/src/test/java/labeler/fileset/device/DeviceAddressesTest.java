package labeler.fileset.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.vm.FileRole;
import labeler.vm.HostDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The nodes behind the addresses that definitions give. */
class DeviceAddressesTest {
    private static final String GPU = "0000:65:00.0";
    private static final String SOUND = "0000:65:00.1";
    private static final HostDevice PCI = new HostDevice.Pci(0, 0x65, 0, 0);

    private final DevicesOnDisk devices;

    DeviceAddressesTest(@TempDir Path root) {
        devices = new DevicesOnDisk(root.resolve("sys"), root.resolve("dev"));
    }

    private AddressedNodes nodes(HostDevice device) {
        return new DeviceAddresses(devices.tree()).of(device);
    }

    private void assertOf(HostDevice device, HostNode... expected) {
        assertThat(nodes(device))
                .isInstanceOfSatisfying(
                        AddressedNodes.Known.class,
                        known -> assertThat(known.nodes()).containsExactly(expected));
    }

    private void assertUnknown(HostDevice device, String... words) {
        assertThat(nodes(device))
                .isInstanceOfSatisfying(
                        AddressedNodes.Unknown.class,
                        unknown -> assertThat(unknown.message()).contains(words).doesNotContain("\n"));
    }

    private HostNode own(String name) {
        return new HostNode(devices.node(name), FileRole.HOST_DEVICE, true);
    }

    private HostNode alsoOwn(String name) {
        return new HostNode(devices.node(name), FileRole.HOST_DEVICE, false);
    }

    private HostNode shared(String name) {
        return new HostNode(devices.node(name), FileRole.SHARED_DEVICE, false);
    }

    private void inGroup(String address, String group) throws IOException {
        devices.link("bus/pci/devices/" + address + "/iommu_group", "kernel/iommu_groups/" + group);
        devices.link("kernel/iommu_groups/" + group + "/devices/" + address, "bus/pci/devices/" + address);
    }

    private void bound(String address, String driver) throws IOException {
        devices.link("bus/pci/devices/" + address + "/driver", "bus/pci/drivers/" + driver);
    }

    @Test
    void a_pci_device_is_its_iommu_group() throws IOException {
        inGroup(GPU, "12");
        inGroup(SOUND, "12");
        bound(GPU, "vfio-pci");
        assertOf(PCI, own("vfio/12"), shared("vfio/vfio"));
    }

    @Test
    void it_has_a_node_of_its_own_where_the_kernel_makes_one() throws IOException {
        inGroup(GPU, "12");
        bound(GPU, "mlx5_vfio_pci");
        devices.directory("bus/pci/devices/" + GPU + "/vfio-dev/vfio3");
        assertOf(PCI, own("vfio/12"), alsoOwn("vfio/devices/vfio3"), shared("vfio/vfio"), shared("iommu"));
    }

    @Test
    void a_group_of_which_the_host_uses_a_device_is_no_vms() throws IOException {
        inGroup(GPU, "12");
        inGroup(SOUND, "12");
        bound(GPU, "vfio-pci");
        bound(SOUND, "snd_hda_intel");
        assertUnknown(PCI, SOUND, "snd_hda_intel", "a group is one VM's alone", "vfio-pci");
        devices.write("bus/pci/devices/" + SOUND + "/class", "0x060400");
        assertOf(PCI, own("vfio/12"), shared("vfio/vfio"));
    }

    @Test
    void a_device_that_still_has_its_own_driver_is_not_ready() throws IOException {
        inGroup(GPU, "12");
        assertUnknown(PCI, GPU, "no driver", "vfio-pci");
        bound(GPU, "nouveau");
        assertUnknown(PCI, GPU, "nouveau", "driverctl", "managed='yes'");
    }

    /** libvirt looks at the whole group when it takes the devices. */
    @Test
    void a_device_that_is_taken_from_the_host_at_the_start_has_its_node_later() throws IOException {
        HostDevice managed = new HostDevice.Pci(0, 0x65, 0, 0, true);
        inGroup(GPU, "12");
        inGroup(SOUND, "12");
        bound(SOUND, "snd_hda_intel");
        bound(GPU, "nouveau");
        assertThat(nodes(managed))
                .isInstanceOfSatisfying(
                        AddressedNodes.Later.class,
                        later -> assertThat(later.node()).isEqualTo(devices.node("vfio/12")));
    }

    @Test
    void a_managed_device_that_was_taken_is_its_group() throws IOException {
        inGroup(GPU, "12");
        bound(GPU, "vfio-pci");
        assertOf(new HostDevice.Pci(0, 0x65, 0, 0, true), own("vfio/12"), shared("vfio/vfio"));
    }

    @Test
    void a_device_that_is_not_there_or_in_no_group_says_what_to_do() throws IOException {
        assertUnknown(PCI, "no PCI device " + GPU, "lspci");
        devices.directory("bus/pci/devices/" + GPU);
        assertUnknown(PCI, "IOMMU");
        devices.link("bus/pci/devices/" + GPU + "/iommu_group", "kernel/iommu_groups/..x");
        assertUnknown(PCI, "IOMMU");
    }

    @Test
    void a_mediated_device_is_its_group() throws IOException {
        String uuid = "53764d0e-85a0-42b4-af5c-2046b460b1dc";
        HostDevice mediated = new HostDevice.Mediated(uuid);
        assertUnknown(mediated, uuid, "mdevctl");
        devices.link("bus/mdev/devices/" + uuid + "/iommu_group", "kernel/iommu_groups/9");
        assertOf(mediated, own("vfio/9"), shared("vfio/vfio"));
        assertUnknown(new HostDevice.Mediated("../../" + uuid), "UUID");
    }

    @Test
    void a_scsi_device_is_its_node_for_commands_and_its_disk() throws IOException {
        HostDevice scsi = new HostDevice.Scsi(2, 0, 1, 4);
        assertUnknown(scsi, "2:0:1:4", "lsscsi");
        devices.directory("bus/scsi/devices/2:0:1:4/block/sdc");
        assertUnknown(scsi, "load the module sg");
        devices.directory("bus/scsi/devices/2:0:1:4/scsi_generic/sg3");
        assertOf(scsi, own("sg3"), alsoOwn("sdc"));
    }

    @Test
    void a_usb_device_is_known_by_its_place_or_as_the_only_one_of_its_kind() throws IOException {
        assertOf(new HostDevice.Usb(1, 12), own("bus/usb/001/012"));
        HostDevice mouse = new HostDevice.UsbProduct(0x046d, 0xc52b);
        assertUnknown(mouse, "046d:c52b", "lsusb");
        usb("1-1", "046d", "c52b", 1, 4);
        usb("1-2", "046d", "c52c", 1, 5);
        devices.directory("bus/usb/devices/1-1:1.0");
        assertOf(mouse, own("bus/usb/001/004"));
        usb("2-1", "046d", "c52b", 2, 4);
        assertUnknown(mouse, "2 USB devices 046d:c52b", "bus and number");
    }

    private void usb(String name, String vendor, String product, int bus, int number) throws IOException {
        String directory = "bus/usb/devices/" + name + "/";
        devices.write(directory + "idVendor", vendor);
        devices.write(directory + "idProduct", product);
        devices.write(directory + "busnum", Integer.toString(bus));
        devices.write(directory + "devnum", Integer.toString(number));
    }

    @Test
    void what_is_written_there_that_is_no_number_counts_for_nothing() throws IOException {
        usb("1-1", "046d", "c52b", 1, 4);
        devices.write("bus/usb/devices/1-1/devnum", "../../../mem");
        assertUnknown(new HostDevice.UsbProduct(0x046d, 0xc52b), "no USB device");
        devices.write("bus/usb/devices/1-1/idVendor", "046d".repeat(100_000));
        assertUnknown(new HostDevice.UsbProduct(0x046d, 0xc52b), "no USB device");
    }

    /** The devices of this very machine: each that is in a group leads to it, and each other says why not. */
    @Test
    void this_machines_own_devices_are_found() throws IOException {
        Path all = Path.of("/sys/bus/pci/devices");
        if (!Files.isDirectory(all)) {
            return;
        }
        List<String> names;
        try (Stream<Path> found = Files.list(all)) {
            names = found.map(path -> path.getFileName().toString()).toList();
        }
        DeviceAddresses own = new DeviceAddresses(DeviceTree.OF_HOST);
        for (String name : names) {
            String[] parts = name.split("[:.]", -1);
            HostDevice device = new HostDevice.Pci(
                    Integer.parseInt(parts[0], 16),
                    Integer.parseInt(parts[1], 16),
                    Integer.parseInt(parts[2], 16),
                    Integer.parseInt(parts[3], 16));
            switch (own.of(device)) {
                case AddressedNodes.Known(List<HostNode> nodes) ->
                    assertThat(nodes.getFirst().path().toString()).startsWith("/dev/vfio/");
                case AddressedNodes.Later(HostPath node, String _) ->
                    throw new AssertionError(node + " comes later, for a device that nobody takes");
                case AddressedNodes.Unknown(String message) ->
                    assertThat(message).contains(name);
            }
        }
        assertThat(own.of(new HostDevice.Pci(0xffff, 0xff, 0x1f, 7))).isInstanceOf(AddressedNodes.Unknown.class);
        assertThat(HostPath.of("/dev")).isEqualTo(DeviceTree.OF_HOST.nodes());
    }
}

package labeler.fileset.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.linux.DeviceNumber;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose a node is: by what sysfs says of the device, and by nothing that a user can choose. */
class DeviceNodesTest {
    private static final String NOT_KNOWN = "not known as a device that one VM may have";

    private final SafeOpen open = JnaLinux.create().open();
    private final Path root;
    private final DevicesOnDisk devices;

    DeviceNodesTest(@TempDir Path root) {
        this.root = root;
        devices = new DevicesOnDisk(root.resolve("sys"), root.resolve("dev"));
    }

    private Standing standing(HostPath node, DiskUses uses, List<HostPath> configured) {
        try (OpenedFile found = (OpenedFile) open.find(node, OpenRequest.NAMED_OBJECT)) {
            return new DeviceNodes(open, devices.tree(), configured).of(found, uses);
        }
    }

    private Standing standing(String name) {
        return standing(devices.node(name), DiskUses.NONE, List.of());
    }

    private void assertOfNoVm(Standing standing, String... words) {
        assertThat(standing)
                .isInstanceOfSatisfying(
                        Standing.OfNoVm.class, no -> assertThat(no.message()).contains(words));
    }

    @Test
    void what_is_made_for_one_program_is_one_vms() throws IOException {
        for (String[] device : List.of(
                new String[] {"bus/usb/001/002", "usb"},
                new String[] {"input/event3", "input"},
                new String[] {"hidraw0", "hidraw"},
                new String[] {"tpm0", "tpm"},
                new String[] {"vfio/7", "vfio"},
                new String[] {"vfio/devices/vfio0", "vfio-dev"},
                new String[] {"vhost-vdpa-0", ""},
                new String[] {"dax0.0", "dax"})) {
            devices.device(device[0], device[1]);
            assertThat(standing(device[0])).as(device[0]).isInstanceOf(Standing.OfOneVm.class);
        }
    }

    @Test
    void a_line_is_one_vms_if_there_is_hardware_behind_it_and_a_console_is_the_hosts() throws IOException {
        Path line = devices.device("ttyS7", "tty");
        Files.createDirectory(line.resolve("device"));
        devices.device("tty7", "tty");
        assertThat(standing("ttyS7")).isInstanceOf(Standing.OfOneVm.class);
        assertOfNoVm(standing("tty7"), NOT_KNOWN, "launch.devices");
        devices.write("class/tty/console/active", "tty0 ttyS7");
        assertOfNoVm(standing("ttyS7"), NOT_KNOWN, "launch.devices");
    }

    @Test
    void what_the_kernel_shares_out_is_of_many() throws IOException {
        for (String[] device : List.of(
                new String[] {"dri/renderD128", "drm"},
                new String[] {"sgx_vepc", "misc"},
                new String[] {"sgx_provision", "misc"},
                new String[] {"hwrng", "misc"},
                new String[] {"vfio/vfio", "misc"},
                new String[] {"iommu", "misc"},
                new String[] {"kvm", "misc"},
                new String[] {"snd/pcmC0D0p", "sound"},
                new String[] {"null", "mem"})) {
            devices.device(device[0], device[1]);
            assertThat(standing(device[0])).as(device[0]).isInstanceOf(Standing.OfMany.class);
        }
    }

    @Test
    void what_gives_the_host_away_is_no_vms_whatever_its_name() throws IOException {
        for (String[] device : List.of(
                new String[] {"mem", "mem"},
                new String[] {"kmem", "mem"},
                new String[] {"port", "mem"},
                new String[] {"kmsg", "mem"},
                new String[] {"dri/card0", "drm"},
                new String[] {"cpu/0/msr", "msr"},
                new String[] {"loop-control", "misc"},
                new String[] {"uinput", "misc"},
                new String[] {"mapper/control", "misc"},
                new String[] {"nvme0", "nvme"},
                new String[] {"bsg/0:0:0:0", "bsg"},
                new String[] {"newest", "newest"})) {
            devices.device(device[0], device[1]);
            assertOfNoVm(standing(device[0]), "leave it out");
            devices.secondNode(root.resolve("alias"));
            assertOfNoVm(
                    standing(HostPath.of(root.resolve("alias")), DiskUses.NONE, List.of()),
                    "another node of the device " + devices.node(device[0]));
            Files.delete(root.resolve("alias"));
        }
    }

    @Test
    void the_settings_give_a_node_of_the_host_to_every_vm_but_never_its_memory() throws IOException {
        devices.device("udev-control", "misc");
        devices.device("mem", "mem");
        List<HostPath> configured = List.of(devices.node("udev-control"), devices.node("mem"));
        assertThat(standing(devices.node("udev-control"), DiskUses.NONE, configured))
                .isInstanceOf(Standing.OfMany.class);
        assertOfNoVm(standing(devices.node("mem"), DiskUses.NONE, configured), "memory");
    }

    @Test
    void a_disk_that_the_host_uses_is_no_vms_by_its_node_for_commands() throws IOException {
        Path generic = devices.device("sg0", "scsi_generic");
        Path disk = Files.createDirectories(generic.resolve("device/block/sda"));
        Files.writeString(disk.resolve("dev"), "8:0\n");
        Path partition = Files.createDirectories(disk.resolve("sda1"));
        Files.writeString(partition.resolve("dev"), "8:1\n");
        assertThat(standing("sg0")).isInstanceOf(Standing.OfOneVm.class);

        DiskUses mounted = (name, number) -> name.equals("sda1") && number == DeviceNumber.of(8, 1)
                ? Optional.of("sda1 is mounted at /home")
                : Optional.empty();
        assertOfNoVm(standing(devices.node("sg0"), mounted, List.of()), "a disk of the host", "mounted at /home");

        Files.createDirectories(partition.resolve("holders/dm-0"));
        assertOfNoVm(standing("sg0"), "sda1 is a part of dm-0");
    }

    @Test
    void a_node_without_a_device_is_unknown_and_hostile_names_lead_nowhere() throws IOException {
        Path directory = devices.device("bus/usb/001/002", "usb");
        for (String name : List.of("../mem", "/mem", "a/../../mem", "", "a b", "a//b", "./mem")) {
            Files.writeString(directory.resolve("uevent"), "DEVNAME=" + name + "\n");
            assertThat(standing("bus/usb/001/002")).as(name).isInstanceOf(Standing.Unknown.class);
        }
        Files.delete(directory.resolve("uevent"));
        assertThat(standing("bus/usb/001/002")).isInstanceOf(Standing.Unknown.class);
        Files.writeString(directory.resolve("uevent"), "x".repeat(1 << 20) + "\nDEVNAME=bus/usb/001/002\n");
        assertThat(standing("bus/usb/001/002")).isInstanceOf(Standing.Unknown.class);
    }

    /** The sysfs and the nodes of this very machine. */
    @Test
    void this_machines_own_nodes_are_judged() {
        DeviceNodes own = new DeviceNodes(open, DeviceTree.OF_HOST, List.of());
        for (String name : List.of("null", "urandom", "mem", "kmsg", "tty0", "console", "hwrng", "kvm")) {
            if (!(open.find(HostPath.of("/dev/" + name), OpenRequest.NAMED_OBJECT) instanceof OpenedFile found)) {
                continue;
            }
            try (found) {
                assertThat(own.of(found, DiskUses.NONE))
                        .as(name)
                        .isInstanceOf(
                                List.of("null", "urandom", "hwrng", "kvm").contains(name)
                                        ? Standing.OfMany.class
                                        : Standing.OfNoVm.class);
            }
        }
    }
}

package labeler.vm.qemu.block;

import static labeler.vm.qemu.option.ParsedOptions.parse;
import static labeler.vm.qemu.option.ParsedOptions.problems;
import static labeler.vm.qemu.option.ParsedOptions.uses;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import labeler.problem.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks that are a device, a directory or another process of this host. */
class HostDisksTest {
    @Test
    void a_disk_of_nvme_is_a_pci_device() {
        List<String> device = List.of("host-device Pci[domain=1, bus=2, slot=0, function=3, managed=false]");
        assertThat(uses("-blockdev", "driver=nvme,node-name=n,device=0001:02:00.3,namespace=1"))
                .isEqualTo(device);
        assertThat(uses("-drive", "file=nvme://0001:02:00.3/1,format=raw,if=none"))
                .isEqualTo(device);
        assertThat(
                        uses(
                                "-blockdev",
                                "{\"driver\":\"virtio-blk-vfio-pci\",\"node-name\":\"n\",\"path\":\"/sys/bus/pci/devices/0001:02:00.3\"}"))
                .isEqualTo(device);
    }

    @Test
    void a_directory_as_a_disk_is_a_tree() {
        assertThat(uses("-blockdev", "driver=vvfat,node-name=n,dir=/d"))
                .containsExactly("tree read-only /d and all below");
        assertThat(uses("-blockdev", "{\"driver\":\"vvfat\",\"node-name\":\"n\",\"dir\":\"d\",\"rw\":true}"))
                .containsExactly("tree read-write /vm/d and all below", "made disk /var/tmp");
        assertThat(uses("-drive", "file=fat:floppy:/d,if=floppy")).containsExactly("tree read-only /d and all below");
        assertThat(uses("-drive", "file=fat:rw:d,format=raw,if=none"))
                .containsExactly("tree read-write /vm/d and all below", "made disk /var/tmp");
    }

    @Test
    void another_process_or_device_is_reached_by_its_node() {
        assertThat(uses("-blockdev", "driver=virtio-blk-vhost-user,node-name=n,path=/s"))
                .containsExactly("socket read-write /s");
        assertThat(uses("-blockdev", "driver=virtio-blk-vhost-vdpa,node-name=n,path=/dev/vhost-vdpa-0"))
                .containsExactly("host-device read-write /dev/vhost-vdpa-0");
        assertThat(uses("-blockdev", "driver=nvme-io_uring,node-name=n,path=/dev/ng0n1"))
                .containsExactly("host-device read-write /dev/ng0n1");
    }

    @Test
    void a_name_with_a_socket_is_the_socket() {
        assertThat(uses("-drive", "file=nbd:unix:/s:exportname=x,format=raw,if=none"))
                .containsExactly("socket read-write /s");
        assertThat(uses("-drive", "file=nbd+unix:///x?socket=/a%20b,format=raw,if=none"))
                .containsExactly("socket read-write /a b");
    }

    @Test
    void a_device_that_is_spoken_to_in_scsi_is_no_image() {
        assertThat(uses(
                        "-blockdev",
                        "driver=host_device,node-name=n,filename=/dev/sg0",
                        "-device",
                        "{\"driver\":\"scsi-generic\",\"drive\":\"n\"}"))
                .containsExactly("host-device read-write /dev/sg0");
        assertThat(uses(
                        "-blockdev",
                        "driver=host_device,node-name=n,filename=/dev/sg0,read-only=on",
                        "-device",
                        "scsi-generic,drive=n"))
                .containsExactly("host-device read-only /dev/sg0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-blockdev driver=qcow2,node-name=n,file.driver=nvme,file.device=0000:01:00.0,file.namespace=1",
                "-drive file=nvme://0000:01:00.0/1,if=none",
                "-drive file=nbd:unix:/s,if=none",
                "-drive file=fat:/d,format=qcow2,if=none"
            })
    void a_header_in_a_disk_that_is_no_file_is_not_read(String line) {
        assertThat(problems(line.split(" ", 2))).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-blockdev driver=nvme,node-name=n,device=x",
                "-blockdev driver=virtio-blk-vfio-pci,node-name=n,path=/vm/0000:01:00.0",
                "-drive file=nvme://x,format=raw,if=none",
                "-drive file=fat:c:x,if=none",
                "-drive file=nbd+unix:///x?socket=/s&tls=x,format=raw,if=none",
                "-drive file=nbd+unix:///x?socket=%,format=raw,if=none"
            })
    void what_is_no_address_is_refused(String line) {
        assertThat(problems(line.split(" ", 2))).containsExactly(Problem.Kind.NOT_UNDERSTOOD);
    }

    @Test
    void a_refusal_says_how_an_address_is_written() {
        assertThat(parse("-blockdev", "driver=nvme,node-name=n,device=x").problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("0000:00:00.0"));
    }
}

package labeler.vm.qemu.hotplug;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.chain.Role;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.ChainLayer;
import labeler.vm.ImageChain;
import labeler.vm.Origin;
import labeler.vm.qemu.handover.DescriptorSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HotplugDiskTest {
    private static final String SETTINGS =
            "qcow2,node-name=n1,cache.direct=on,file.driver=file,file.filename=/vm/top,file.aio=native,l2-cache-size=65536";

    private static HotplugDisk disk(String blockdev, String device) {
        return switch (HotplugDisk.read(new HotplugArguments(List.of(blockdev), Optional.of(device)))) {
            case HotplugDisk.Understood(HotplugDisk disk) -> disk;
            case HotplugDisk.NotUnderstood(String message) -> throw new AssertionError(message);
        };
    }

    private static String refusal(HotplugArguments options) {
        return switch (HotplugDisk.read(options)) {
            case HotplugDisk.Understood(HotplugDisk disk) -> throw new AssertionError(disk);
            case HotplugDisk.NotUnderstood(String message) -> message;
        };
    }

    private static ImageChain chain() {
        ChainLayer base = new ChainLayer(HostPath.of("/vm/base"), ImageFormat.RAW, Role.BACKING, false, List.of());
        return new ImageChain(
                new Origin("-blockdev[0]"),
                new ChainLayer(HostPath.of("/vm/top"), ImageFormat.QCOW2, Role.IMAGE, false, List.of(base)));
    }

    private static ImageChain chainOf(int layers) {
        List<ChainLayer> below = List.of();
        for (int i = layers - 1; i > 0; i--) {
            HostPath path = HostPath.of("/vm/layer" + i);
            below = List.of(new ChainLayer(path, ImageFormat.QCOW2, Role.BACKING, false, below));
        }
        ChainLayer top = new ChainLayer(HostPath.of("/vm/top"), ImageFormat.QCOW2, Role.IMAGE, false, below);
        return new ImageChain(new Origin("-blockdev[0]"), top);
    }

    private static HotplugDisk.Blockdevs blockdevs(HotplugDisk disk, boolean passed) {
        return switch (disk.commands(List.of(chain()), _ -> passed)) {
            case HotplugDisk.Blockdevs blockdevs -> blockdevs;
            case HotplugDisk.NotPossible(var problems) -> throw new AssertionError(problems);
        };
    }

    private static String json(List<JsonObject> objects) {
        return JsonWriter.compact(objects.getFirst());
    }

    @Test
    void settings_become_the_types_of_qmp() {
        assertThat(json(blockdevs(disk(SETTINGS, "scsi-hd,drive=n1"), false).arguments()))
                .contains(
                        "\"driver\":\"qcow2\"",
                        "\"cache\":{\"direct\":true}",
                        "\"l2-cache-size\":65536",
                        "\"filename\":\"/vm/top\"",
                        "\"aio\":\"native\"");
    }

    @Test
    void passed_layers_are_written_down_with_the_numbers_that_qemu_gave() {
        HotplugDisk.Blockdevs blockdevs = blockdevs(disk(SETTINGS, "scsi-hd,drive=n1"), true);

        assertThat(blockdevs.sets()).extracting(DescriptorSet::direct).containsExactly(true, true);
        assertThat(blockdevs.sets())
                .extracting(DescriptorSet::access)
                .containsExactly(Access.READ_WRITE, Access.READ_ONLY);
        assertThat(json(blockdevs.arguments(Map.of(1, 40L, 2, 1L))))
                .contains("\"/dev/fdset/40\"", "\"/dev/fdset/1\"", "\"auto-read-only\":false", "\"backing\":{")
                .doesNotContain("/vm/");
    }

    @Test
    void json_stays_as_it_is_and_may_be_any_text() {
        String json =
                "{\"driver\":\"raw\",\"node-name\":\"n1\",\"size\":\"7\",\"file\":{\"driver\":\"file\",\"filename\":\"/vm/\u00e4\"}}";

        assertThat(json(blockdevs(disk(json, "{\"driver\":\"scsi-hd\",\"drive\":\"n1\"}"), false)
                        .arguments()))
                .isEqualTo(json);
    }

    @Test
    void a_device_gets_its_nodes_name_and_the_types_that_qemu_tells() {
        HotplugDisk disk = disk(SETTINGS, "scsi-hd,drive=n1,lun=3,share-rw=off,serial=007,removable=maybe");

        assertThat(disk.name()).isEqualTo("n1");
        assertThat(JsonWriter.compact(disk.device()
                        .orElseThrow()
                        .arguments(Map.of("lun", "uint32", "share-rw", "bool", "serial", "str", "removable", "bool"))))
                .contains(
                        "\"lun\":3",
                        "\"share-rw\":false",
                        "\"serial\":\"007\"",
                        "\"removable\":\"maybe\"",
                        "\"id\":\"n1\"");
    }

    @Test
    void what_a_device_names_is_a_file_of_the_disk() {
        assertThat(disk(SETTINGS, "virtio-blk-pci,drive=n1,romfile=/vm/rom")
                        .definition()
                        .uses())
                .hasSize(2);
        assertThat(disk(SETTINGS, "virtio-blk-pci,drive=n1,host=00:01.0")
                        .definition()
                        .problems())
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}",
                "driver=raw",
                "driver=raw,node-name=1n",
                "driver=raw,node-name=a b",
                "driver=raw,node-name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "driver=raw,node-name=n1,file.driver=file,file.filename=image",
                "driver=raw,node-name=n1,file=x,file.filename=/image",
                "driver=raw,node-name=n1,file.driver=blkdebug,file.config=rules,file.image.driver=file,file.image.filename=/i",
                "driver=nbd,node-name=n1,server.type=unix,server.path=socket,export=x",
                "{\"driver\":\"raw\",\"node-name\":\"n1\",\"file\":{\"driver\":\"file\",\"filename\":\"nbd:x\"}}"
            })
    void a_node_that_cannot_be_attached_is_one_line(String blockdev) {
        assertThat(refusal(new HotplugArguments(List.of(blockdev), Optional.empty())))
                .doesNotContain("\n");
    }

    @Test
    void a_chain_too_deep_to_be_written_down_is_a_problem_before_anything_is_done() {
        assertThat(disk(SETTINGS, "scsi-hd,drive=n1").commands(List.of(chainOf(100)), _ -> true))
                .isInstanceOfSatisfying(
                        HotplugDisk.NotPossible.class,
                        not -> assertThat(not.problems())
                                .extracting(Problem::kind)
                                .containsExactly(Problem.Kind.TOO_DEEP));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "driver=raw,node-name=n1,file.driver=ssh,file.server.host=h,file.server.port=22,file.path=/i",
                "driver=raw,node-name=n1,file.driver=rbd,file.pool=p,file.image=i"
            })
    void a_remote_disk_joins_though_its_library_reads_the_hosts_settings(String blockdev) {
        HotplugDisk disk = disk(blockdev, "virtio-blk-pci,drive=n1");
        assertThat(disk.definition().uses())
                .isNotEmpty()
                .allSatisfy(use -> assertThat(use.names())
                        .allSatisfy(name -> assertThat(name.printable()).startsWith("/etc/")));
        assertThat(disk.commands(List.of(), _ -> false)).isInstanceOf(HotplugDisk.Blockdevs.class);
    }

    @Test
    void a_device_has_to_use_the_disk() {
        for (String device : List.of(
                "",
                "{",
                "scsi-hd",
                "scsi-hd,drive=other",
                "scsi-hd,drive=n1,id=-x",
                "virtio-blk-pci,drive=n1,romfile=x.rom")) {
            assertThat(refusal(new HotplugArguments(List.of(SETTINGS), Optional.of(device))))
                    .as(device)
                    .doesNotContain("\n");
        }
        assertThat(refusal(new HotplugArguments(List.of(), Optional.empty()))).contains("1 to 64");
        assertThat(refusal(new HotplugArguments(List.of(SETTINGS, SETTINGS), Optional.empty())))
                .contains("node-name of its own");
    }

    @Test
    void a_reference_to_a_node_that_is_not_of_the_disk_is_a_problem() {
        assertThat(disk("driver=qcow2,node-name=n1,file=elsewhere", "scsi-hd,drive=n1")
                        .definition()
                        .problems())
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "driver=nvme,node-name=n1,device=0000:01:00.0,namespace=1 virtio-blk-pci,drive=n1",
                "driver=vvfat,node-name=n1,dir=/d virtio-blk-pci,drive=n1",
                "driver=raw,node-name=n1,file.driver=virtio-blk-vhost-user,file.path=/s virtio-blk-pci,drive=n1",
                "driver=host_device,node-name=n1,filename=/dev/sg0 scsi-generic,drive=n1",
                "driver=file,node-name=n1,filename=/d vfio-pci,host=01:00.0,drive=n1",
                "driver=file,node-name=n1,filename=/d usb-mtp,rootdir=/x,drive=n1",
                "driver=file,node-name=n1,filename=/d ccid-card-emulated,drive=n1"
            })
    void what_is_no_disk_cannot_join(String words) {
        String[] options = words.split(" ", 2);
        assertThat(refusal(new HotplugArguments(List.of(options[0]), Optional.of(options[1]))))
                .contains("give it to the VM when it starts");
    }
}

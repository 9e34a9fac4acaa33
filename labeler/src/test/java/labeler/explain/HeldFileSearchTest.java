package labeler.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.lifecycle.VmView;
import labeler.linux.DeviceNumber;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.Pid;
import labeler.linux.jna.JnaLinux;
import labeler.work.FileSystemWork;
import labeler.work.WaitLimits;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldFileSearchTest {
    /** As proc(5) has them. */
    private static final String PARTITIONS = """
            major minor  #blocks  name

             252        2    1048576 vda2
             252        3   41942980 vda3
            """;

    /** A subvolume of btrfs: the kernel's audit calls it vda3 all the same. */
    private static final long SUBVOLUME = DeviceNumber.of(0, 35);

    private static final long VDA3 = DeviceNumber.of(252, 3);

    private final Linux linux = JnaLinux.create();

    @AutoClose
    private final FileSystemWork work = new FileSystemWork(linux.fileSystems(), WaitLimits.DEFAULT);

    @TempDir
    Path directory;

    private HeldFileSearch search(List<VmView> vms) throws IOException {
        Path partitions = Files.writeString(directory.resolve("partitions"), PARTITIONS);
        return new HeldFileSearch(linux.open(), linux.attributes(), work, DeviceNames.read(partitions), vms);
    }

    private static VmView holding(String path, long device, long inode) {
        return HeldVm.of("web1", "s0:c1,c101", new Pid(12), path, new FileIdentity(device, inode, Optional.empty()));
    }

    private static Denial denial(String object) {
        return AuditRecords.read(Stream.of("type=AVC msg=audit(1764230695.123:4): avc:  denied  { read } for  pid=12"
                        + " comm=\"qemu\" " + object + " scontext=system_u:system_r:svirt_t:s0:c1,c101"
                        + " tcontext=system_u:object_r:shadow_t:s0 permissive=0"))
                .denials()
                .getFirst();
    }

    /** Whether the VM is found to hold the file of a denial. */
    private boolean isFound(VmView vm, String object) throws IOException {
        Denial denial = denial(object);
        return Optional.ofNullable(search(List.of(vm)).denied(List.of(denial)).get(denial))
                .filter(file -> !file.holds().isEmpty())
                .isPresent();
    }

    /** Where SELinux enforces, the look would be denied and logged: one more denial for each that is explained. */
    @Test
    void a_file_that_no_vm_holds_is_not_looked_at_because_a_denial_names_it() throws IOException {
        Path file = Files.createFile(directory.resolve("secret"));
        Denial denial = denial("path=\"" + file + "\" dev=\"vda1\" ino=12 tclass=file");

        HeldFileSearch search = search(List.of());

        assertThat(Objects.requireNonNull(search.denied(List.of(denial)).get(denial))
                        .look())
                .isEqualTo(new Look.NotLooked());
        assertThat(search.named(HostPath.of(file)).look()).isInstanceOf(Look.Present.class);
    }

    @Test
    void on_a_block_device_the_numbers_decide_whatever_the_name() throws IOException {
        VmView vm = holding("/vm/a", VDA3, 257);

        assertThat(isFound(vm, "path=\"/elsewhere\" dev=\"vda3\" ino=257 tclass=file"))
                .isTrue();
        assertThat(isFound(vm, "path=\"/vm/a\" dev=\"vda3\" ino=258 tclass=file"))
                .isFalse();
        assertThat(isFound(vm, "path=\"/vm/a\" dev=\"vda2\" ino=257 tclass=file"))
                .isFalse();
        assertThat(isFound(
                        holding("/vm/a", DeviceNumber.of(0, 53), 257), "path=\"/x\" dev=\"0:53\" ino=257 tclass=file"))
                .isTrue();
    }

    @Test
    void on_btrfs_a_file_is_known_by_its_inode_and_its_name() throws IOException {
        VmView vm = holding("/vm/a", SUBVOLUME, 257);

        assertThat(isFound(vm, "path=\"/vm/a\" dev=\"vda3\" ino=257 tclass=file"))
                .isTrue();
        assertThat(isFound(vm, "name=\"a\" dev=\"vda3\" ino=257 tclass=file")).isTrue();
        assertThat(isFound(vm, "path=\"/vm/a\" dev=\"vda3\" ino=258 tclass=file"))
                .isFalse();
    }

    /** The first file of each subvolume has the inode 257, and a snapshot's have those of its origin. */
    @Test
    void on_btrfs_the_same_inode_under_another_name_is_another_file() throws IOException {
        VmView vm = holding("/vm/a", SUBVOLUME, 257);

        assertThat(isFound(vm, "path=\"/vm/.snapshots/1/a\" dev=\"vda3\" ino=257 tclass=file"))
                .isFalse();
        assertThat(isFound(vm, "name=\"b\" dev=\"vda3\" ino=257 tclass=file")).isFalse();
    }

    /** The kernel's audit has names without links. */
    @Test
    void on_btrfs_a_file_is_known_though_its_vm_names_it_through_a_link() throws IOException {
        Path real = Files.createDirectory(directory.resolve("real")).resolve("a");
        Files.createFile(real);
        Files.createSymbolicLink(directory.resolve("pool"), directory.resolve("real"));
        VmView vm = holding(directory.resolve("pool/a").toString(), SUBVOLUME, 257);

        assertThat(isFound(vm, "path=\"" + real.toRealPath() + "\" dev=\"vda3\" ino=257 tclass=file"))
                .isTrue();
        assertThat(isFound(vm, "path=\"" + real.toRealPath() + "\" dev=\"vda3\" ino=258 tclass=file"))
                .isFalse();
    }

    /** libvirt mounts a tmpfs over the /dev of a domain, and makes a node there for each device. */
    @Test
    void a_device_node_in_a_dev_of_its_own_is_known_by_its_name() throws IOException {
        VmView vm = holding("/dev/vdb", DeviceNumber.of(0, 6), 91);

        assertThat(isFound(vm, "path=\"/dev/vdb\" dev=\"tmpfs\" ino=7 tclass=blk_file"))
                .isTrue();
        assertThat(isFound(vm, "path=\"/dev/vdc\" dev=\"tmpfs\" ino=91 tclass=blk_file"))
                .isFalse();
        assertThat(isFound(vm, "path=\"/dev/vdb\" dev=\"tmpfs\" ino=7 tclass=file"))
                .isFalse();
    }
}

package labeler.openfiles;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.linux.Access;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Mount;
import labeler.linux.MountInfo;
import labeler.linux.Pid;
import labeler.openfiles.KnownVm.KnownFile;
import org.junit.jupiter.api.Test;

class DescriptorCheckTest {
    /** The mounts of a host with SELinux. */
    private static final Map<Long, Mount> MOUNTS = MountInfo.parse("""
        29 1 254:0 / / rw,relatime - ext4 /dev/vda rw,seclabel
        30 29 0:22 / /proc rw,relatime shared:9 - proc proc rw
        77 29 0:45 / /nfs rw,relatime shared:90 - nfs4 server:/ rw,vers=4.2,hard
        78 29 0:46 / /ram rw,relatime - ramfs ramfs rw
        """.getBytes(UTF_8));

    private static final long EXT4 = 0xfe00;
    private static final long NFS = 45;
    private static final long RAMFS = 46;

    private static final OpenMode READ = new OpenMode(Access.READ_ONLY, false);
    private static final OpenMode WRITE = new OpenMode(Access.READ_WRITE, false);
    private static final OpenMode DIRECT = new OpenMode(Access.READ_WRITE, true);

    private static final KnownFile TOP = passed("/nfs/top", NFS, 1, WRITE);
    private static final KnownFile BASE = passed("/nfs/base", NFS, 2, READ);
    private static final KnownFile LABELLED =
            new KnownFile(HostPath.of("/vm/own"), Optional.of(identity(EXT4, 7)), false, true, Set.of());
    private static final KnownFile CONTENT =
            new KnownFile(HostPath.of("/vm/content"), Optional.of(identity(EXT4, 8)), false, false, Set.of());

    private static FileIdentity identity(long device, long inode) {
        return new FileIdentity(device, inode, Optional.empty());
    }

    private static KnownFile passed(String path, long device, long inode, OpenMode... modes) {
        return new KnownFile(
                HostPath.of(path),
                Optional.of(identity(device, inode)),
                true,
                Stream.of(modes).anyMatch(OpenMode::writes),
                Set.of(modes));
    }

    private static KnownVm vm(String name, KnownFile... files) {
        return new KnownVm(name, Optional.of(new Pid(7)), List.of(files));
    }

    private static OpenDescriptor open(int number, String name, OpenMode mode, long device, long inode) {
        Optional<Mount> mount =
                MOUNTS.values().stream().filter(one -> one.device() == device).findFirst();
        return new OpenDescriptor(number, HostPath.of(name), mode, identity(device, inode), Optional.empty(), mount);
    }

    private static Comparison compare(boolean labelsShown, List<KnownVm> vms, OpenDescriptor... open) {
        return new DescriptorCheck(vms).of(vms.getFirst().name(), _ -> new Look.Seen(List.of(open), labelsShown));
    }

    private static List<Drift> drift(List<KnownVm> vms, OpenDescriptor... open) {
        return switch (compare(true, vms, open)) {
            case Comparison.Compared(List<Drift> drift) -> drift;
            case Comparison.NotCompared(String why, Look.Cause _) -> throw new AssertionError(why);
        };
    }

    @Test
    void what_was_handed_over_and_is_open_so_is_no_drift() {
        assertThat(drift(
                        List.of(vm("one", TOP, BASE, LABELLED)),
                        open(11, "/nfs/top", WRITE, NFS, 1),
                        open(12, "/nfs/base", READ, NFS, 2),
                        open(13, "/nfs/base", READ, NFS, 2),
                        open(14, "/vm/own", WRITE, EXT4, 7)))
                .isEmpty();
    }

    @Test
    void a_file_that_qemu_opens_itself_need_not_be_open() {
        assertThat(drift(List.of(vm("one", LABELLED, CONTENT)))).isEmpty();
    }

    @Test
    void a_file_that_was_handed_over_and_is_open_no_more_is_drift() {
        assertThat(drift(List.of(vm("one", TOP, BASE)), open(11, "/nfs/top", WRITE, NFS, 1)))
                .containsExactly(new Drift.NotOpen(HostPath.of("/nfs/base"), READ));
    }

    @Test
    void one_that_is_open_for_writing_as_well_needs_no_other_for_reading() {
        KnownFile both = passed("/nfs/top", NFS, 1, READ, WRITE);
        assertThat(drift(List.of(vm("one", both)), open(11, "/nfs/top", WRITE, NFS, 1)))
                .isEmpty();
        assertThat(drift(List.of(vm("one", both)), open(11, "/nfs/top", READ, NFS, 1)))
                .containsExactly(new Drift.NotOpen(HostPath.of("/nfs/top"), WRITE));
    }

    @Test
    void one_that_is_open_in_another_way_is_drift() {
        KnownFile direct = passed("/nfs/top", NFS, 1, DIRECT);
        assertThat(drift(List.of(vm("one", direct)), open(11, "/nfs/top", WRITE, NFS, 1)))
                .containsExactly(new Drift.NotOpen(HostPath.of("/nfs/top"), DIRECT));
    }

    @Test
    void another_file_by_the_same_name_is_not_the_one_that_was_handed_over() {
        assertThat(drift(List.of(vm("one", TOP)), open(11, "/nfs/top", WRITE, NFS, 99)))
                .containsExactly(new Drift.NotOpen(HostPath.of("/nfs/top"), WRITE));
    }

    @Test
    void a_descriptor_that_can_write_what_is_only_read_is_drift_labelled_or_not() {
        assertThat(drift(
                        List.of(vm("one", BASE, CONTENT)),
                        open(12, "/nfs/base", READ, NFS, 2),
                        open(13, "/nfs/base", WRITE, NFS, 2),
                        open(14, "/vm/content", new OpenMode(Access.WRITE_ONLY, false), EXT4, 8)))
                .containsExactlyInAnyOrder(
                        new Drift.Writable(HostPath.of("/nfs/base"), 13),
                        new Drift.Writable(HostPath.of("/vm/content"), 14));
    }

    @Test
    void a_file_that_one_use_reads_and_another_writes_may_be_written() {
        KnownFile written = new KnownFile(CONTENT.path(), CONTENT.identity(), false, true, Set.of());
        assertThat(drift(List.of(vm("one", CONTENT, written)), open(14, "/vm/content", WRITE, EXT4, 8)))
                .isEmpty();
    }

    @Test
    void another_file_where_no_labels_are_is_drift_and_where_they_are_the_kernel_sees_to_it() {
        assertThat(drift(
                        List.of(vm("one")),
                        open(20, "/ram/stranger", READ, RAMFS, 5),
                        open(21, "/usr/share/qemu/bios.bin", READ, EXT4, 6)))
                .singleElement()
                .satisfies(
                        found -> assertThat(found.message()).contains("descriptor 20", "/ram/stranger", "no labels"));
    }

    @Test
    void where_selinux_is_not_active_a_file_system_is_without_labels_if_something_was_handed_over_from_it() {
        List<KnownVm> vms = List.of(vm("one"), vm("two", TOP));
        assertThat(compare(false, vms, open(20, "/nfs/stranger", READ, NFS, 5))).matches(Comparison::hasDrift);
        assertThat(compare(false, vms, open(20, "/vm/log", READ, EXT4, 5)))
                .isEqualTo(new Comparison.Compared(List.of()));
        assertThat(compare(false, vms, open(20, "/ram/x", READ, RAMFS, 5)))
                .isEqualTo(new Comparison.Compared(List.of()));
    }

    @Test
    void a_file_of_another_vm_is_drift_wherever_it_is() {
        assertThat(drift(List.of(vm("one"), vm("two", LABELLED)), open(0, "/vm/own", READ, EXT4, 7)))
                .singleElement()
                .satisfies(found -> assertThat(found.message()).contains("descriptor 0", "VM two holds it"));
    }

    @Test
    void a_base_that_two_vms_read_is_each_ones_own() {
        assertThat(drift(List.of(vm("one", BASE), vm("two", BASE)), open(12, "/nfs/base", READ, NFS, 2)))
                .isEmpty();
    }

    @Test
    void a_standard_stream_a_file_of_procfs_and_one_of_the_kernels_own_are_none() {
        assertThat(drift(
                        List.of(vm("one")),
                        open(1, "/nfs/home/log", WRITE, NFS, 50),
                        open(9, "/proc/7/status", READ, 22, 1),
                        open(10, "/memfd:memory (deleted)", WRITE, 1, 3)))
                .isEmpty();
    }

    @Test
    void what_is_left_as_it_is_is_known_by_its_name() {
        KnownFile left = new KnownFile(HostPath.of("/nfs/left"), Optional.empty(), false, true, Set.of());
        assertThat(drift(List.of(vm("one", left)), open(11, "/nfs/left", WRITE, NFS, 3)))
                .isEmpty();
    }

    @Test
    void nothing_is_claimed_where_nobody_could_look() {
        KnownVm unknown = new KnownVm("unknown", Optional.empty(), List.of());
        DescriptorCheck check = new DescriptorCheck(List.of(unknown, vm("hidden")));
        assertThat(check.of("hidden", _ -> new Look.NotSeen("only root may", Look.Cause.NOT_PERMITTED)))
                .isEqualTo(new Comparison.NotCompared("only root may", Look.Cause.NOT_PERMITTED));
        assertThat(check.of("unknown", _ -> new Look.Seen(List.of(), true))).isInstanceOf(Comparison.NotCompared.class);
        assertThat(check.of("none", _ -> new Look.Seen(List.of(), true))).isInstanceOf(Comparison.NotCompared.class);
    }

    @Test
    void only_what_two_looks_agree_on_is_drift() {
        Drift joining = new Drift.NotOpen(HostPath.of("/nfs/new"), WRITE);
        Drift stays = new Drift.Writable(HostPath.of("/nfs/base"), 13);
        Comparison first = new Comparison.Compared(List.of(joining, stays));
        assertThat(first.confirmedBy(new Comparison.Compared(List.of(stays))))
                .isEqualTo(new Comparison.Compared(List.of(stays)));
        Comparison ended = new Comparison.NotCompared("ended", Look.Cause.NO_PROCESS);
        assertThat(first.confirmedBy(ended)).isEqualTo(ended);
        assertThat(ended.confirmedBy(first)).isEqualTo(first);
    }

    @Test
    void a_process_that_runs_takes_no_drift_back_by_being_unseen_the_second_time() {
        Comparison first = new Comparison.Compared(List.of(new Drift.Writable(HostPath.of("/nfs/base"), 13)));

        for (Look.Cause cause : List.of(Look.Cause.FAILED, Look.Cause.NOT_PERMITTED)) {
            assertThat(first.confirmedBy(new Comparison.NotCompared("it runs", cause)))
                    .isEqualTo(first);
        }
    }

    @Test
    void a_file_that_got_another_descriptor_and_another_name_between_two_looks_is_drift() {
        List<KnownVm> vms = List.of(vm("one", BASE), vm("two", LABELLED));
        OpenDescriptor foreign = open(9, "/vm/own", READ, EXT4, 7);
        Comparison first = compare(true, vms, foreign, open(13, "/nfs/base", WRITE, NFS, 2));
        Comparison later =
                compare(true, vms, open(10, "/vm/link", READ, EXT4, 7), open(14, "/nfs/base", WRITE, NFS, 2));

        assertThat(first.confirmedBy(later)).isEqualTo(later);
        assertThat(((Comparison.Compared) later).drift()).hasSize(2);
        assertThat(first.confirmedBy(compare(true, vms, open(9, "/vm/else", READ, EXT4, 8))))
                .isEqualTo(new Comparison.Compared(List.of()));
    }
}

package labeler.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.apply.Labels.MountsSeen;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.fake.FakeMount;
import labeler.plan.LabelState;
import labeler.plan.LabelState.Cause;
import labeler.selinux.StoredLabel;
import org.junit.jupiter.api.Test;

class LabelsTest extends ApplyTest {
    private LabelState state(String path) throws LinuxException {
        return labels.state(open(path), labels.mounts());
    }

    private static LabelState unavailable(Optional<String> label, String reason, Cause cause) {
        return new LabelState.Unavailable(label.map(ApplyTest::label), reason, cause);
    }

    @Test
    void a_file_has_its_label_or_none() throws LinuxException {
        file("/vm/a", HOME);
        file("/vm/b");

        assertThat(state("/vm/a")).isEqualTo(new LabelState.Labelled(label(HOME)));
        assertThat(state("/vm/b")).isEqualTo(new LabelState.Unlabelled());
    }

    @Test
    void a_file_system_without_attributes_stores_none() throws LinuxException {
        kernel.mount("/nfs").withoutAttributes().type("nfs4", FakeMount.NFS);
        file("/nfs/a");

        assertThat(state("/nfs/a"))
                .isEqualTo(unavailable(
                        Optional.empty(), "the nfs4 file system at /nfs stores no security labels", Cause.STORES_NONE));
    }

    @Test
    void a_mount_of_which_the_kernel_does_not_say_that_it_stores_labels_has_one_for_all() throws LinuxException {
        kernel.mount("/nfs").withoutOption("seclabel").type("nfs4", FakeMount.NFS);
        file("/nfs/a", HOME);

        assertThat(state("/nfs/a"))
                .isEqualTo(unavailable(
                        Optional.of(HOME),
                        "the nfs4 file system at /nfs stores no security labels",
                        Cause.STORES_NONE));
    }

    @Test
    void without_selinux_no_mount_says_so_and_the_label_on_disk_is_the_files_own() throws LinuxException {
        kernel.mount("/data").withoutOption("seclabel");
        file("/data/a", HOME);
        Labels inactive = labels(false);

        assertThat(inactive.state(open("/data/a"), inactive.mounts())).isEqualTo(new LabelState.Labelled(label(HOME)));
    }

    @Test
    void a_mount_with_a_context_gives_all_files_one() throws LinuxException {
        kernel.mount("/data").withoutOption("seclabel").option("context=" + HOME);
        file("/data/a", HOME);

        assertThat(state("/data/a"))
                .isEqualTo(unavailable(
                        Optional.of(HOME),
                        "the ext4 file system at /data is mounted with one context for all files",
                        Cause.ONE_FOR_ALL));
    }

    @Test
    void a_read_only_mount_keeps_what_a_file_has() throws LinuxException {
        FakeMount mount = kernel.mount("/data");
        file("/data/a", HOME);
        file("/data/b");
        mount.readOnly(true);

        assertThat(state("/data/a"))
                .isEqualTo(unavailable(
                        Optional.of(HOME), "the ext4 file system at /data is mounted read only", Cause.READ_ONLY));
        assertThat(state("/data/b"))
                .isEqualTo(unavailable(
                        Optional.empty(), "the ext4 file system at /data is mounted read only", Cause.READ_ONLY));
    }

    @Test
    void any_other_error_is_one() {
        file("/vm/a", HOME);
        kernel.faults().failOn("fgetxattr", 1, Errno.EIO);

        assertThatThrownBy(() -> state("/vm/a")).isInstanceOf(LinuxException.class);
    }

    @Test
    void a_mount_is_looked_up_once_for_all_files_of_a_request() throws LinuxException {
        kernel.mount("/data");
        file("/vm/a", HOME);
        file("/vm/b", HOME);
        file("/data/c", HOME);
        MountsSeen mounts = labels.mounts();

        labels.state(open("/vm/a"), mounts);
        labels.state(open("/vm/b"), mounts);
        labels.state(open("/data/c"), mounts);

        assertThat(kernel.faults().calls())
                .filteredOn(call -> call.name().equals("mountinfo"))
                .extracting(call -> call.subject())
                .containsExactly("/vm/a", "/data/c");
    }

    @Test
    void a_label_is_put_to_the_last_byte_and_taken_away() throws LinuxException {
        file("/vm/a", HOME);
        OpenedFile file = open("/vm/a");
        byte[] withoutNul = IMAGE.getBytes(StandardCharsets.US_ASCII);

        labels.put(file, Optional.of(StoredLabel.of(withoutNul)));
        assertThat(kernel.attribute("/vm/a", AttributeName.SECURITY_SELINUX)).contains(withoutNul);

        labels.put(file, Optional.empty());
        assertThat(kernel.label("/vm/a")).isEmpty();
    }

    @Test
    void a_label_that_did_not_arrive_is_an_error() {
        file("/vm/a", HOME);
        OpenedFile file = open("/vm/a");
        kernel.faults().beforeNext("fgetxattr", () -> kernel.setLabel("/vm/a", TEMPORARY));

        assertThatThrownBy(() -> labels.put(file, Optional.of(label(IMAGE))))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO))
                .hasMessageContaining("fgetxattr after fsetxattr on /vm/a");
    }

    @Test
    void a_label_that_did_not_go_is_an_error() {
        file("/vm/a", HOME);
        OpenedFile file = open("/vm/a");
        kernel.faults().beforeNext("fgetxattr", () -> kernel.setLabel("/vm/a", HOME));

        assertThatThrownBy(() -> labels.put(file, Optional.empty())).isInstanceOf(LinuxException.class);
    }

    @Test
    void a_mount_that_refused_a_label_stores_none_until_mounts_change() throws LinuxException {
        kernel.mount("/nfs").type("nfs4", FakeMount.NFS);
        file("/nfs/a", HOME);
        file("/vm/a", HOME);

        assertThat(labels.refused(open("/nfs/a"))).isTrue();
        assertThat(labels.refused(open("/nfs/a"))).isFalse();

        assertThat(state("/nfs/a"))
                .isEqualTo(unavailable(
                        Optional.of(HOME),
                        "the nfs4 file system at /nfs stores no security labels",
                        Cause.STORES_NONE));
        assertThat(state("/vm/a")).isEqualTo(new LabelState.Labelled(label(HOME)));
        kernel.mount("/another");
        assertThat(state("/nfs/a")).isEqualTo(new LabelState.Labelled(label(HOME)));
        assertThat(labels.refused(open("/nfs/a"))).isTrue();
    }
}

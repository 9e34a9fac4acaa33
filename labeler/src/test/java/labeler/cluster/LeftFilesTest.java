package labeler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.apply.Labels;
import labeler.apply.RecordedFiles;
import labeler.journal.FileRecord;
import labeler.linux.Errno;
import labeler.linux.FileHandle;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.fake.FakeLinux;
import labeler.plan.Sharing;
import labeler.registry.SharedFile;
import labeler.registry.StorageName;
import labeler.selinux.SecurityContext;
import labeler.selinux.VirtualContexts;
import labeler.storage.MountedStorages;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Another host changes labels on the server; this kernel sees them when the service has it ask. */
class LeftFilesTest {
    private static final StorageName POOL = new StorageName("pool");
    private static final String BEFORE = "unconfined_u:object_r:user_home_t:s0";
    private static final String IMAGE = "system_u:object_r:svirt_image_t:s0:c1,c2";
    private static final String SHARED_IMAGE = "system_u:object_r:svirt_image_t:s0";
    private static final String CONTENT = "system_u:object_r:virt_content_t:s0";
    private static final VirtualContexts CONTEXTS = new VirtualContexts(
            context("system_u:system_r:svirt_t:s0"), Optional.empty(), context(SHARED_IMAGE), context(CONTENT));

    private final FakeLinux fake = new FakeLinux();
    private final Linux linux = fake.linux();
    private final LeftFiles left = new LeftFiles(
            new RecordedFiles(linux, "boot"),
            new MountedStorages(linux, Map::of),
            new Labels(linux.attributes(), linux.fileSystems(), false),
            CONTEXTS);
    private long records;

    private static SecurityContext context(String text) {
        return SecurityContext.parse(text).orElseThrow();
    }

    @BeforeEach
    void a_pool() {
        fake.mount("/pool");
    }

    private void leave(String name, String label) throws LinuxException {
        fake.file("/pool/" + name, new byte[] {1});
        fake.setLabel("/pool/" + name, label);
        leaveAgain(name);
    }

    private void leaveAgain(String name) throws LinuxException {
        HostPath path = HostPath.of("/pool/" + name);
        try (OpenedFile file = (OpenedFile) linux.open().find(path, OpenRequest.RECORDED_OBJECT)) {
            FileHandle handle = linux.handles().of(file).orElseThrow();
            records++;
            left.add(
                    new SharedFile(POOL, handle),
                    new FileRecord(
                            records,
                            file.identity(),
                            OptionalLong.empty(),
                            path,
                            path,
                            Optional.of(handle),
                            "boot",
                            Optional.empty(),
                            Optional.empty(),
                            Set.of(),
                            Sharing.EXCLUSIVE,
                            Optional.empty()));
        }
    }

    /** Whether this kernel has the label by now. */
    private boolean isSeen(String name, String label) {
        return fake.label("/pool/" + name).orElseThrow().startsWith(label);
    }

    private boolean isAskedFor(String name, String label) {
        fake.setLabelElsewhere("/pool/" + name, label);
        left.ask();
        return isSeen(name, label);
    }

    @Test
    void this_kernel_learns_each_label_of_another_hosts_vm() throws LinuxException {
        leave("disk", IMAGE);
        for (String label : new String[] {CONTENT, SHARED_IMAGE, IMAGE, BEFORE}) {
            assertThat(isAskedFor("disk", label)).as(label).isTrue();
        }
    }

    @Test
    void it_asks_no_more_when_the_label_is_no_vms() throws LinuxException {
        leave("disk", IMAGE);
        leave("base", CONTENT);
        assertThat(isAskedFor("disk", BEFORE)).isTrue();
        assertThat(isAskedFor("disk", IMAGE)).isFalse();
        assertThat(isAskedFor("base", IMAGE)).isTrue();
    }

    @Test
    void who_leaves_a_file_again_asks_again() throws LinuxException {
        leave("disk", BEFORE);
        left.ask();
        assertThat(isAskedFor("disk", IMAGE)).isFalse();
        leaveAgain("disk");
        assertThat(isAskedFor("disk", IMAGE)).isTrue();
    }

    @Test
    void a_file_that_cannot_be_looked_at_now_is_asked_for_later() throws LinuxException {
        leave("disk", IMAGE);
        fake.faults().failAlways("fstatfs", "/pool/disk", Errno.EIO);
        fake.setLabelElsewhere("/pool/disk", BEFORE);
        left.ask();
        assertThat(isSeen("disk", IMAGE)).isTrue();
        fake.faults().clear();
        left.ask();
        assertThat(isSeen("disk", BEFORE)).isTrue();
    }

    @Test
    void a_file_with_another_name_is_asked_for() throws LinuxException {
        leave("disk", IMAGE);
        fake.rename("/pool/disk", "/pool/renamed");
        assertThat(isAskedFor("renamed", BEFORE)).isTrue();
    }

    @Test
    void each_has_its_turn() throws LinuxException {
        for (int i = 0; i < 60; i++) {
            leave("disk" + i, IMAGE);
        }
        assertThat(isAskedFor("disk59", CONTENT)).isFalse();
        left.ask();
        assertThat(isSeen("disk59", CONTENT)).isTrue();
    }

    @Test
    void of_too_many_the_one_is_forgotten_whose_turn_is_next() throws LinuxException {
        for (int i = 0; i < 1001; i++) {
            leave("disk" + i, IMAGE);
        }
        assertThat(isAskedFor("disk0", CONTENT)).isFalse();
        assertThat(isAskedFor("disk60", CONTENT)).isTrue();
    }
}

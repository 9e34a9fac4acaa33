package labeler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.IntStream;
import labeler.apply.Labels;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.fake.FakeLinux;
import labeler.registry.SharedFile;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.selinux.SecurityContext;
import labeler.storage.MountedStorages;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long a host asks for the labels of files that it has left. */
class LeftFilesTest {
    private static final StorageName POOL = new StorageName("pool");
    private static final String BEFORE = "unconfined_u:object_r:user_home_t:s0";
    private static final String IMAGE = "system_u:object_r:svirt_image_t:s0:c1,c2";
    private static final String CONTENT = "system_u:object_r:virt_content_t:s0";

    private final FakeLinux fake = new FakeLinux();
    private final Linux linux = fake.linux();
    private LeftFiles left = leftFiles(Map.of());

    @BeforeEach
    void a_pool() throws LinuxException {
        fake.mount("/pool");
        try (OpenedFile root = (OpenedFile) linux.open().find(HostPath.of("/pool"), OpenRequest.DIRECTORY)) {
            Storage pool = ((MountedStorages.Found) new MountedStorages(linux, Map::of).look(root)).storage();
            left = leftFiles(Map.of(POOL, pool));
        }
    }

    private LeftFiles leftFiles(Map<StorageName, Storage> storages) {
        return new LeftFiles(
                new MountedStorages(linux, () -> storages),
                new Labels(linux.attributes(), linux.fileSystems(), false),
                SecurityContext.parse(CONTENT).orElseThrow());
    }

    private SharedFile leave(String name, String label) throws LinuxException {
        String path = "/pool/" + name;
        fake.file(path, new byte[] {1});
        fake.setLabel(path, label);
        try (OpenedFile file = (OpenedFile) linux.open().find(HostPath.of(path), OpenRequest.RECORDED_OBJECT)) {
            SharedFile shared = new SharedFile(POOL, linux.handles().of(file).orElseThrow());
            left.add(shared, name);
            return shared;
        }
    }

    @Test
    void it_asks_while_a_vm_of_another_host_may_have_the_file() throws LinuxException {
        SharedFile disk = leave("disk", IMAGE);
        SharedFile base = leave("base", CONTENT);
        left.ask();
        assertThat(left.all()).containsExactly(disk, base);

        fake.setLabel("/pool/disk", CONTENT);
        fake.setLabel("/pool/base", IMAGE);
        left.ask();
        assertThat(left.all()).containsExactly(disk, base);
    }

    @Test
    void it_asks_no_more_when_the_label_is_the_one_from_before() throws LinuxException {
        leave("disk", IMAGE);
        SharedFile base = leave("base", CONTENT);
        fake.setLabel("/pool/disk", BEFORE);
        left.ask();
        assertThat(left.all()).containsExactly(base);
    }

    @Test
    void it_asks_no_more_for_a_file_that_is_gone() throws LinuxException {
        leave("disk", IMAGE);
        fake.delete("/pool/disk");
        left.ask();
        assertThat(left.all()).isEmpty();
    }

    @Test
    void each_has_its_turn() throws LinuxException {
        for (int i = 0; i < 60; i++) {
            leave("disk" + i, IMAGE);
        }
        left.ask();
        for (int i = 0; i < 60; i++) {
            fake.setLabel("/pool/disk" + i, BEFORE);
        }
        left.ask();
        assertThat(left.all()).hasSize(10);
        left.ask();
        assertThat(left.all()).isEmpty();
    }

    @Test
    void of_too_many_the_eldest_are_forgotten() throws LinuxException {
        SharedFile eldest = leave("eldest", CONTENT);
        SharedFile file = leave("file", CONTENT);
        IntStream.range(0, 998).forEach(number -> left.add(other(file, number), "other"));
        assertThat(left.all()).hasSize(1000).contains(eldest);
        left.add(other(file, 998), "other");
        assertThat(left.all()).hasSize(1000).doesNotContain(eldest).contains(file);
    }

    private static SharedFile other(SharedFile file, int number) {
        return new SharedFile(new StorageName("other" + number), file.handle());
    }
}

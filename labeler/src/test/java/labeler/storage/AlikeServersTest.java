package labeler.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.fake.FakeLinux;
import labeler.linux.fake.FakeMount;
import labeler.registry.SharedFile;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two NFS servers give their exports one number, as fsid=0, and the roots of both have one handle. */
class AlikeServersTest {
    private static final StorageName POOL = new StorageName("pool");
    private static final long FIRST = 0x2d;
    private static final long SECOND = 0x2e;

    private final FakeLinux fake = new FakeLinux();
    private final Linux linux = fake.linux();

    @TempDir
    Path directory;

    @BeforeEach
    void two_servers() {
        fake.mount("/one").type("nfs4", FakeMount.NFS).device(FIRST);
        fake.mount("/two").type("nfs4", FakeMount.NFS).device(SECOND);
        fake.file("/two/disk", new byte[] {1});
    }

    private void serve(String second, String fsid) throws IOException {
        Files.write(
                volumes(),
                List.of(
                        "NV SERVER   PORT DEV          FSID                              FSC",
                        "v4 0a000001  801 0:45         0:0                               no ",
                        "v4 " + second + "  801 0:46         " + fsid + "                               no "));
    }

    private Path volumes() {
        return directory.resolve("volumes");
    }

    private MountedStorages storages() throws LinuxException {
        MountedStorages.NfsLists lists = new MountedStorages.NfsLists(directory.resolve("etab"), volumes());
        try (OpenedFile root = opened("/two", OpenRequest.DIRECTORY)) {
            Storage storage = ((MountedStorages.Found) new MountedStorages(linux, Map::of, lists).look(root)).storage();
            return new MountedStorages(linux, () -> Map.of(POOL, storage), lists);
        }
    }

    private OpenedFile opened(String path, OpenRequest request) {
        return (OpenedFile) linux.open().find(HostPath.of(path), request);
    }

    private Place place() throws LinuxException {
        try (OpenedFile file = opened("/two/disk", OpenRequest.RECORDED_OBJECT)) {
            return storages().of(file);
        }
    }

    @Test
    void no_answer_rests_on_one_of_two_servers_that_look_the_same() throws IOException {
        serve("0a000002", "0:0");
        SharedFile disk;
        try (OpenedFile file = opened("/two/disk", OpenRequest.RECORDED_OBJECT)) {
            disk = new SharedFile(POOL, linux.handles().of(file).orElseThrow());
        }
        assertThat(place()).isInstanceOf(Place.Unclear.class);
        assertThat(storages().find(disk, "disk")).isEqualTo(new MountedStorages.NotMounted());
        assertThat(fake.openDescriptors()).isZero();
    }

    @Test
    void one_server_may_be_mounted_twice() throws IOException {
        serve("0a000001", "0:0");
        assertThat(place()).isInstanceOf(Place.Shared.class);
    }

    @Test
    void a_server_with_another_id_is_not_asked() throws IOException {
        serve("0a000002", "1:0");
        fake.faults().failAlways("openat2", "/one", Errno.EIO);
        assertThat(place()).isInstanceOf(Place.Shared.class);
    }
}

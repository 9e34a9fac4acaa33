package labeler.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import labeler.linux.Errno;
import labeler.linux.FileHandle;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.fake.FakeLinux;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Under which name other hosts know a file, and when nobody can tell. */
class RecognisedStoragesTest {
    private static final StorageName POOL = new StorageName("pool");
    private static final StorageName IMAGES = new StorageName("images");
    private static final long GFS2 = 0x01161970;

    private final FakeLinux fake = new FakeLinux();
    private final Linux linux = fake.linux();

    @BeforeEach
    void a_disk_on_a_pool() {
        fake.mount("/pool").type("gfs2", GFS2);
        fake.file("/pool/disk", new byte[] {1});
    }

    private Storage storage(String place) throws LinuxException {
        try (OpenedFile root = (OpenedFile) linux.open().find(HostPath.of(place), OpenRequest.DIRECTORY)) {
            return ((MountedStorages.Found) new MountedStorages(linux, Map::of).look(root)).storage();
        }
    }

    private Place place(MountedStorages storages, String path) throws LinuxException {
        try (OpenedFile file = (OpenedFile) linux.open().find(HostPath.of(path), OpenRequest.RECORDED_OBJECT)) {
            return storages.of(file);
        }
    }

    private Place place(Map<StorageName, Storage> registered) throws LinuxException {
        return place(new MountedStorages(linux, () -> registered), "/pool/disk");
    }

    @Test
    void a_file_system_under_two_names_is_neither() throws LinuxException {
        Storage pool = storage("/pool");
        Storage part = new Storage(pool.type(), pool.id(), new FileHandle(1, new byte[] {7}));

        assertThat(place(Map.of(POOL, pool))).isInstanceOf(Place.Shared.class);
        for (Storage second : new Storage[] {pool, part}) {
            assertThat(place(Map.of(POOL, pool, IMAGES, second)))
                    .isInstanceOfSatisfying(
                            Place.Unclear.class,
                            unclear -> assertThat(unclear.why()).contains("images, pool"));
        }
        assertThat(new MountedStorages(linux, () -> Map.of(POOL, pool, IMAGES, pool)).root(POOL))
                .isEmpty();
    }

    @Test
    void a_file_system_whose_root_is_not_to_be_found_may_be_a_storage_until_it_is() throws LinuxException {
        Storage pool = storage("/pool");
        MountedStorages storages = new MountedStorages(linux, () -> Map.of(POOL, pool));
        fake.faults().failAlways("openat2", "/pool", Errno.EIO);
        assertThat(place(storages, "/pool/disk")).isInstanceOf(Place.Unclear.class);

        fake.faults().clear();
        assertThat(place(storages, "/pool/disk")).isInstanceOf(Place.Shared.class);
    }

    @Test
    void one_of_another_id_is_no_storage() throws LinuxException {
        Storage other = new Storage("gfs2", "another", storage("/pool").root());
        assertThat(place(Map.of(POOL, other))).isEqualTo(new Place.Unregistered("gfs2"));
    }
}

package labeler.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.fake.FakeLinux;
import labeler.registry.SharedFile;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files of other hosts, by the names that stand in the registry. */
class FoundFilesTest {
    private static final StorageName POOL = new StorageName("pool");

    private final FakeLinux fake = new FakeLinux();
    private final Linux linux = fake.linux();

    @BeforeEach
    void aPool() {
        fake.mount("/pool");
    }

    private MountedStorages storages() throws LinuxException {
        try (OpenedFile root = opened("/pool", OpenRequest.DIRECTORY)) {
            Storage storage = ((MountedStorages.Found) new MountedStorages(linux, Map::of).look(root)).storage();
            return new MountedStorages(linux, () -> Map.of(POOL, storage));
        }
    }

    private OpenedFile opened(String path, OpenRequest request) {
        return opened(HostPath.of(path), request);
    }

    private OpenedFile opened(HostPath path, OpenRequest request) {
        return (OpenedFile) linux.open().find(path, request);
    }

    private SharedFile file(HostPath path) throws LinuxException {
        try (OpenedFile file = opened(path, OpenRequest.RECORDED_OBJECT)) {
            return new SharedFile(POOL, linux.handles().of(file).orElseThrow());
        }
    }

    private Optional<HostPath> found(SharedFile file, String recorded) throws LinuxException {
        return switch (storages().find(file, recorded)) {
            case MountedStorages.There(OpenedFile found) -> {
                try (found) {
                    yield Optional.of(found.path());
                }
            }
            case MountedStorages.NotThere(), MountedStorages.Gone(), MountedStorages.NotMounted() -> Optional.empty();
        };
    }

    @Test
    void a_name_that_leads_out_of_the_storage_finds_nothing() throws LinuxException {
        fake.directory("/etc");
        fake.file("/etc/shadow", new byte[] {1});
        SharedFile secret = file(HostPath.of("/etc/shadow"));
        for (String name : new String[] {"../etc/shadow", "/etc/shadow", "a/../../etc/shadow", "", "a\0b", "."}) {
            assertThat(found(secret, name)).as(name).isEmpty();
        }
        assertThat(fake.openDescriptors()).isZero();
    }

    @Test
    void a_name_of_any_bytes_is_found_again() throws LinuxException {
        for (byte[] name : new byte[][] {
            {'d', 'i', 's', 'k'}, {'d', (byte) 0xff, '\n', 'k'}, {'\\', 'x', '4', '1'}, {(byte) 0xc3, (byte) 0xa4}
        }) {
            HostPath path = HostPath.of("/pool").child(name);
            fake.file(path, new byte[] {1});
            SharedFile file = file(path);
            String recorded;
            try (OpenedFile opened = opened(path, OpenRequest.RECORDED_OBJECT)) {
                recorded = ((Place.Shared) storages().of(opened)).path();
            }
            assertThat(found(file, recorded)).as(recorded).contains(path);
        }
        assertThat(fake.openDescriptors()).isZero();
    }

    @Test
    void another_file_of_the_same_name_is_not_it() throws LinuxException {
        fake.file("/pool/disk", new byte[] {1});
        SharedFile file = file(HostPath.of("/pool/disk"));
        fake.rename("/pool/disk", "/pool/moved");
        fake.file("/pool/disk", new byte[] {2});
        assertThat(found(file, "disk")).as("by its handle").contains(HostPath.of("/pool/moved"));
        assertThat(found(file, "moved")).isPresent();
        assertThat(fake.openDescriptors()).isZero();
    }

    @Test
    void a_file_whose_name_cannot_be_read_is_not_known_to_be_deleted() throws LinuxException {
        fake.file("/pool/disk", new byte[] {1});
        SharedFile file = file(HostPath.of("/pool/disk"));
        fake.delete("/pool/disk");
        fake.faults().failAlways("openat2", "/pool/disk", Errno.EIO);

        assertThat(storages().find(file, "disk")).isEqualTo(new MountedStorages.NotThere());
    }

    @Test
    void a_deleted_file_is_known_to_be_deleted_while_its_storage_is_mounted() throws LinuxException {
        fake.file("/pool/disk", new byte[] {1});
        SharedFile file = file(HostPath.of("/pool/disk"));
        fake.delete("/pool/disk");
        fake.file("/pool/disk", new byte[] {2});
        assertThat(storages().find(file, "disk")).isEqualTo(new MountedStorages.Gone());
        SharedFile elsewhere = new SharedFile(new StorageName("other"), file.handle());
        assertThat(storages().find(elsewhere, "disk")).isEqualTo(new MountedStorages.NotMounted());
        assertThat(fake.openDescriptors()).isZero();
    }
}

package labeler.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import labeler.linux.FileHandle;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.fake.FakeLinux;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host that is the server of the storage has its files under a second name, which is none of a registered storage. */
class ExportedFilesTest {
    private static final StorageName POOL = new StorageName("pool");
    private static final String OPTIONS = "10.0.0.2(rw,sync,hide,nocrossmnt,no_root_squash,";

    /** As servers make it of a UUID. */
    private static final String CHOSEN = "8b4a3b2f1c0d4e5f:9a8b7c6d5e4f3a2b";

    private final FakeLinux fake = new FakeLinux();
    private final Linux linux = fake.linux();

    @TempDir
    Path directory;

    @BeforeEach
    void an_export_with_a_file_system_below() {
        fake.file("/srv/pool/disk", new byte[] {1});
        fake.file("/srv/pool 2/disk", new byte[] {1});
        fake.mount("/srv/pool/other");
        fake.file("/srv/pool/other/disk", new byte[] {1});
    }

    private void export(String path, String fsid) throws IOException {
        export(path, OPTIONS, fsid);
    }

    private void export(String path, String options, String fsid) throws IOException {
        Files.writeString(list(), path + "\t" + options + fsid + ",anonuid=65534,sec=sys)\n");
    }

    private Path list() {
        return directory.resolve("etab");
    }

    private Place place(String path, String type, String id) throws IOException {
        Map<StorageName, Storage> registered = Map.of(POOL, new Storage(type, id, new FileHandle(1, new byte[] {1})));
        MountedStorages.NfsLists lists = new MountedStorages.NfsLists(list(), directory.resolve("volumes"));
        try (OpenedFile file = (OpenedFile) linux.open().find(HostPath.of(path), OpenRequest.RECORDED_OBJECT)) {
            return new MountedStorages(linux, () -> registered, lists).of(file);
        }
    }

    private boolean isLocal(String path, String id) throws IOException {
        return place(path, "nfs4", id) instanceof Place.Local;
    }

    @Test
    void a_file_that_this_host_exports_as_a_storage_is_not_its_own() throws IOException {
        assertThat(isLocal("/srv/pool/disk", "0:0")).as("no server").isTrue();
        export("/srv/pool", "fsid=0");
        assertThat(place("/srv/pool/disk", "nfs4", "0:0"))
                .isInstanceOfSatisfying(
                        Place.Unclear.class,
                        unclear -> assertThat(unclear.why()).contains("/srv/pool", "storage pool"));
        assertThat(isLocal("/srv/pool 2/disk", "0:0")).isTrue();
        assertThat(isLocal("/srv/pool/other/disk", "0:0"))
                .as("another file system")
                .isTrue();
    }

    @Test
    void an_export_with_another_id_is_no_storage() throws IOException {
        export("/srv/pool", "fsid=26");
        assertThat(isLocal("/srv/pool/disk", "1a:0")).isFalse();
        assertThat(isLocal("/srv/pool/disk", "26:0")).isTrue();
        assertThat(place("/srv/pool/disk", "gfs2", "1a:0")).isEqualTo(new Place.Local());
    }

    @Test
    void one_whose_id_the_kernel_chooses_may_be_any() throws IOException {
        export("/srv/pool", "no_acl");
        assertThat(isLocal("/srv/pool/disk", CHOSEN)).isFalse();
        export("/srv/pool\\0402", "fsid=2f4ac0f6-5f55-4d6c-9f63-1ff1cc7a1d2b");
        assertThat(isLocal("/srv/pool 2/disk", CHOSEN)).isFalse();
    }

    private void exports(String... lines) throws IOException {
        Files.write(list(), List.of(lines));
    }

    @Test
    void an_export_may_take_the_file_systems_below_along_under_ids_that_the_server_chooses() throws IOException {
        export("/srv", "10.0.0.2(rw,crossmnt,", "fsid=0");
        assertThat(isLocal("/srv/pool/other/disk", "0:0")).isFalse();
        assertThat(isLocal("/srv/pool/other/disk", CHOSEN)).isFalse();
        assertThat(isLocal("/srv/pool/disk", CHOSEN))
                .as("its own file system has the number")
                .isTrue();
    }

    @Test
    void each_export_of_a_file_counts_and_not_the_first_alone() throws IOException {
        exports("/srv *(fsid=0,crossmnt)", "/srv/pool *(fsid=1)");
        assertThat(isLocal("/srv/pool/disk", "1:0")).isFalse();
        assertThat(isLocal("/srv/pool/disk", "0:0")).isFalse();
        exports("/srv/pool 10.0.0.2(fsid=1)", "/srv/pool 10.0.0.3(fsid=2)");
        assertThat(isLocal("/srv/pool/disk", "2:0")).isFalse();
    }

    @Test
    void a_file_system_with_an_export_of_its_own_is_not_taken_along() throws IOException {
        exports("/srv *(fsid=0,crossmnt)", "/srv/pool/other *(fsid=1)");
        assertThat(isLocal("/srv/pool/other/disk", "1:0")).isFalse();
        assertThat(isLocal("/srv/pool/other/disk", CHOSEN)).isTrue();
        exports("/srv *(fsid=0,crossmnt)", "/srv/pool/other 10.0.0.2(fsid=1)");
        assertThat(isLocal("/srv/pool/other/disk", CHOSEN))
                .as("other clients come by /srv")
                .isFalse();
    }

    @Test
    void a_number_has_thirty_two_bits() throws IOException {
        for (String number : List.of("4000000001", "-294967295")) {
            export("/srv/pool", "fsid=" + number);
            assertThat(isLocal("/srv/pool/disk", "ee6b2801:0")).isFalse();
            assertThat(isLocal("/srv/pool/disk", "1:0")).isTrue();
        }
    }
}

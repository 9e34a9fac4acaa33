package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import labeler.linux.FileHandle;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import labeler.registry.SharedFile;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.storage.MountedStorages;
import labeler.storage.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A storage is recognised by its file system and its root, on real mounts. */
class StoragesIT {
    private static final StorageName POOL = new StorageName("pool");

    @TempDir
    Path temporary;

    private final Linux linux = JnaLinux.create();
    private final Map<StorageName, Storage> registered = new HashMap<>();
    private final MountedStorages storages = new MountedStorages(linux, () -> Map.copyOf(registered));

    private void register(Path directory) throws IOException {
        try (OpenedFile opened = opened(directory, OpenRequest.DIRECTORY)) {
            MountedStorages.Look look = storages.look(opened);
            assertThat(look).isInstanceOf(MountedStorages.Found.class);
            registered.put(POOL, ((MountedStorages.Found) look).storage());
        }
    }

    private OpenedFile opened(Path path, OpenRequest request) {
        return (OpenedFile) linux.open().open(HostPath.of(path), request);
    }

    private Place place(Path file) throws IOException {
        try (OpenedFile opened = opened(file, OpenRequest.IMAGE)) {
            return storages.of(opened);
        }
    }

    @Test
    void a_file_has_one_name_wherever_its_storage_is_mounted() throws IOException {
        Path here = temporary.resolve("here");
        Path there = temporary.resolve("there");
        SharedFile first;
        try (Mounted mounted = Mounted.ext4(here, 16 << 20)) {
            Files.createDirectory(here.resolve("images"));
            Images.in(here.resolve("images")).raw("disk");
            assertThat(place(here.resolve("images/disk"))).isInstanceOf(Place.Local.class);
            register(mounted.directory());
            assertThat(place(here.resolve("images/disk")))
                    .isInstanceOfSatisfying(
                            Place.Shared.class,
                            shared -> assertThat(shared.path()).isEqualTo("images/disk"));
            first = ((Place.Shared) place(here.resolve("images/disk"))).file();
            assertThat(storages.root(POOL)).contains(HostPath.of(here));
        }
        assertThat(storages.root(POOL)).isEmpty();
        Files.createDirectories(there);
        Files.move(temporary.resolve("here.img"), temporary.resolve("there.img"));
        try (Mounted _ = Mounted.again(there)) {
            assertThat(place(there.resolve("images/disk"))).isEqualTo(new Place.Shared(first, "images/disk"));
        }
    }

    @Test
    void another_file_system_is_local() throws IOException {
        Path pool = temporary.resolve("pool");
        Path other = temporary.resolve("other");
        try (Mounted _ = Mounted.ext4(pool, 16 << 20);
                Mounted _ = Mounted.ext4(other, 16 << 20)) {
            register(pool);
            Path local = Images.in(other).raw("disk");
            assertThat(place(local)).isInstanceOf(Place.Local.class);
        }
    }

    @Test
    void a_new_file_with_the_number_of_a_deleted_one_is_another() throws IOException {
        Path pool = temporary.resolve("pool");
        try (Mounted _ = Mounted.ext4(pool, 16 << 20)) {
            register(pool);
            Path disk = Images.in(pool).raw("disk");
            Object inode = Files.getAttribute(disk, "unix:ino");
            Place first = place(disk);
            Files.delete(disk);
            Images.in(pool).raw("disk");
            assertThat(Files.getAttribute(disk, "unix:ino")).isEqualTo(inode);
            assertThat(place(disk)).isNotEqualTo(first);
        }
    }

    @Test
    void a_part_of_a_storage_is_another_root() throws IOException {
        Path pool = temporary.resolve("pool");
        Path part = Files.createDirectories(temporary.resolve("part"));
        try (Mounted _ = Mounted.ext4(pool, 16 << 20)) {
            register(pool);
            Images.in(pool.resolve("images")).raw("disk");
            Command.done("mount", "--bind", pool.resolve("images").toString(), part.toString());
        }
        try {
            assertThat(place(part.resolve("disk"))).isEqualTo(new Place.AnotherRoot(POOL));
        } finally {
            Command.done("umount", part.toString());
        }
    }

    @Test
    void a_file_of_an_export_is_known_by_each_of_its_mounts() throws IOException {
        Path pool = temporary.resolve("pool");
        Path part = Files.createDirectories(temporary.resolve("part"));
        Path list = temporary.resolve("etab");
        registered.put(POOL, new Storage("nfs4", "0:0", new FileHandle(1, new byte[] {1})));
        MountedStorages.NfsLists lists = new MountedStorages.NfsLists(list, temporary.resolve("volumes"));
        MountedStorages server = new MountedStorages(linux, () -> Map.copyOf(registered), lists);
        try (Mounted _ = Mounted.ext4(pool, 16 << 20)) {
            Images.in(pool.resolve("exported/below")).raw("disk");
            Path own = Images.in(pool.resolve("own")).raw("disk");
            Files.writeString(list, pool.resolve("exported") + "\t*(rw,fsid=0)\n");
            Command.done("mount", "--bind", pool.resolve("exported/below").toString(), part.toString());
            try (OpenedFile exported = opened(part.resolve("disk"), OpenRequest.IMAGE);
                    OpenedFile local = opened(own, OpenRequest.IMAGE)) {
                assertThat(server.of(exported)).isInstanceOf(Place.Unclear.class);
                assertThat(server.of(local)).isInstanceOf(Place.Local.class);
            } finally {
                Command.done("umount", part.toString());
            }
        }
    }
}

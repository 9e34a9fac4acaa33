package labeler.linux.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import labeler.linux.FileHandle;
import labeler.linux.FileHandles;
import labeler.linux.FileHandles.Deleted;
import labeler.linux.FileHandles.Found;
import labeler.linux.FileHandles.Present;
import labeler.linux.FileHandles.Unknown;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.contract.Stage.FileSystemKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Finding files again, on any kernel. */
public abstract class FileHandlesContractTest {
    private static final byte[] CONTENT = "some content".getBytes(UTF_8);

    protected abstract Stage createStage() throws Exception;

    private Stage stage;
    private FileHandles handles;

    @SuppressWarnings("NullAway.Init") // set before each test
    protected FileHandlesContractTest() {}

    @BeforeEach
    void setStage() throws Exception {
        stage = createStage();
        stage.needsPrivileges();
        handles = stage.linux().handles();
    }

    @AfterEach
    void clearStage() throws Exception {
        stage.clear();
    }

    private record Known(FileHandle handle, FileIdentity identity, HostPath path) {}

    private Known known(HostPath path) throws Exception {
        try (OpenedFile file = open(path)) {
            return new Known(handles.of(file).orElseThrow(), file.identity(), path);
        }
    }

    /** A new file of this name below the stage, with its identity. */
    private Known file(String name) throws Exception {
        HostPath path = stage.path(name);
        stage.file(path, CONTENT);
        return known(path);
    }

    private OpenedFile open(HostPath path) {
        return (OpenedFile) stage.linux().open().open(path, OpenRequest.IMAGE);
    }

    private Found find(Known known) {
        return handles.find(known.handle(), known.identity(), known.path());
    }

    private void assertPresentAt(Known known, HostPath path) throws Exception {
        Found found = find(known);
        assertThat(found).isInstanceOf(Present.class);
        try (OpenedFile file = ((Present) found).file()) {
            assertThat(file.identity()).isEqualTo(known.identity());
            assertThat(file.realPath()).isEqualTo(path);
            assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0)).isInstanceOf(LinuxException.class);
        }
    }

    @Test
    void a_file_is_found_under_its_name() throws Exception {
        Known known = file("image");
        assertPresentAt(known, known.path());
    }

    @Test
    void a_renamed_file_is_found_under_its_new_name() throws Exception {
        Known known = file("image");
        HostPath moved = stage.path("moved");
        stage.rename(known.path(), moved);
        assertPresentAt(known, moved);
    }

    @Test
    void what_cannot_be_opened_is_found_under_its_new_name() throws Exception {
        stage.socket(stage.path("socket"));
        stage.fifo(stage.path("fifo"));
        stage.characterDevice(stage.path("device"));
        for (String name : List.of("socket", "fifo", "device")) {
            HostPath path = stage.path(name);
            Known known;
            try (OpenedFile file = (OpenedFile) stage.linux().open().find(path, OpenRequest.RECORDED_OBJECT)) {
                known = new Known(handles.of(file).orElseThrow(), file.identity(), path);
            }
            HostPath moved = stage.path(name + " moved");
            stage.rename(path, moved);
            assertPresentAt(known, moved);
        }
    }

    @Test
    void a_file_is_found_though_its_directory_has_gone() throws Exception {
        HostPath directory = stage.path("old");
        stage.directory(directory);
        stage.file(directory.child("image"), CONTENT);
        Known known = known(directory.child("image"));
        HostPath moved = stage.path("new");
        stage.rename(directory, moved);
        assertPresentAt(known, moved.child("image"));
    }

    @Test
    void another_file_at_the_old_name_is_not_taken_for_it() throws Exception {
        Known known = file("image");
        HostPath moved = stage.path("moved");
        stage.rename(known.path(), moved);
        stage.file(known.path(), "another".getBytes(UTF_8));
        assertPresentAt(known, moved);
    }

    @Test
    void a_deleted_file_is_known_to_be_deleted_also_when_its_number_is_used_again() throws Exception {
        Known known = file("image");
        stage.delete(known.path());
        assertThat(find(known)).isInstanceOf(Deleted.class);
        stage.file(known.path(), CONTENT);
        assertThat(find(known)).isInstanceOf(Deleted.class);
    }

    @Test
    void a_file_that_is_open_and_has_no_name_is_deleted() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, CONTENT);
        try (OpenedFile file = open(path)) {
            FileHandle handle = handles.of(file).orElseThrow();
            stage.delete(path);
            assertThat(handles.find(handle, file.identity(), path)).isInstanceOf(Deleted.class);
        }
    }

    @Test
    void the_handle_alone_finds_it_in_its_own_file_system() throws Exception {
        Known known = file("image");
        HostPath moved = stage.path("moved");
        stage.rename(known.path(), moved);
        try (OpenedFile directory = (OpenedFile) stage.linux().open().open(moved.parent(), OpenRequest.DIRECTORY)) {
            Found found = handles.find(known.handle(), directory, known.path());
            assertThat(found).isInstanceOf(Present.class);
            try (OpenedFile file = ((Present) found).file()) {
                assertThat(file.identity()).isEqualTo(known.identity());
                assertThat(file.realPath()).isEqualTo(moved);
            }
            stage.delete(moved);
            assertThat(handles.find(known.handle(), directory, known.path())).isInstanceOf(Deleted.class);
        }
    }

    @Test
    void a_second_name_keeps_it() throws Exception {
        Known known = file("image");
        HostPath second = stage.path("second");
        stage.hardLink(known.path(), second);
        stage.delete(known.path());
        assertPresentAt(known, second);
    }

    @Test
    void a_file_of_another_file_system_is_not_said_to_be_deleted() throws Exception {
        Known known = file("image");
        HostPath elsewhere = stage.root(FileSystemKind.FULL).child("image");
        assertThat(handles.find(known.handle(), known.identity(), elsewhere)).isInstanceOf(Unknown.class);
    }

    @Test
    void the_wrong_identity_is_not_opened() throws Exception {
        Known known = file("image");
        FileIdentity other = new FileIdentity(
                known.identity().device(),
                known.identity().inode() + 1,
                known.identity().birth());
        assertThat(handles.find(known.handle(), other, known.path())).isInstanceOf(Unknown.class);
    }

    @Test
    void a_file_system_without_handles_gives_none() throws Exception {
        HostPath path = stage.root(FileSystemKind.WITHOUT_ATTRIBUTES).child("image");
        stage.file(path, CONTENT);
        try (OpenedFile file = open(path)) {
            assertThat(handles.of(file)).isEqualTo(Optional.empty());
        }
    }

    @Test
    void a_stored_handle_reads_as_the_same() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, CONTENT);
        FileHandle handle = known(path).handle();
        assertThat(FileHandle.read(handle.stored())).contains(handle);
        assertThat(FileHandle.read(new byte[3])).isEmpty();
        assertThat(FileHandle.read(new byte[FileHandle.MAXIMUM_LENGTH + 5])).isEmpty();
    }
}

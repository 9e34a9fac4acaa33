package labeler.linux.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.ExtendedAttributes;
import labeler.linux.FileSystemStatus;
import labeler.linux.FileSystems;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.contract.Stage.FileSystemKind;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attributes and file systems, on any kernel. */
@Timeout(120)
public abstract class ExtendedAttributesContractTest {
    private static final AttributeName NAME = new AttributeName("user.label");
    /** Attributes in {@code user.} are for regular files and directories alone. */
    private static final AttributeName PRIVILEGED = new AttributeName("trusted.label");

    private static final AttributeName KEPT = new AttributeName("user.kept");
    private static final byte[] VALUE = "system_u:object_r:svirt_image_t:s0:c1,c2\0".getBytes(UTF_8);

    protected abstract Stage createStage() throws Exception;

    private Stage stage;
    private ExtendedAttributes attributes;
    private FileSystems fileSystems;

    @SuppressWarnings("NullAway.Init") // set before each test
    protected ExtendedAttributesContractTest() {}

    @BeforeEach
    void setStage() throws Exception {
        stage = createStage();
        attributes = stage.linux().attributes();
        fileSystems = stage.linux().fileSystems();
    }

    @AfterEach
    void clearStage() throws Exception {
        stage.clear();
    }

    private OpenedFile open(HostPath path) {
        return (OpenedFile) stage.linux().open().open(path, OpenRequest.IMAGE);
    }

    private OpenedFile newFile() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, new byte[0]);
        return open(path);
    }

    private static void assertFails(Errno errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void on_a_local_file_system_asking_anew_changes_nothing() throws Exception {
        try (OpenedFile file = newFile()) {
            attributes.set(file, NAME, VALUE);

            fileSystems.refresh(file);

            assertThat(attributes.get(file, NAME)).hasValue(VALUE);
        }
    }

    @Test
    void a_value_comes_back_as_it_was_set_through_a_read_only_descriptor() throws Exception {
        try (OpenedFile file = newFile()) {
            assertThat(attributes.get(file, NAME)).isEmpty();
            attributes.set(file, NAME, VALUE);
            assertThat(attributes.get(file, NAME)).hasValue(VALUE);
            attributes.set(file, NAME, new byte[] {0, (byte) 0xff});
            assertThat(attributes.get(file, NAME)).hasValue(new byte[] {0, (byte) 0xff});
            attributes.set(file, NAME, new byte[0]);
            assertThat(attributes.get(file, NAME)).hasValue(new byte[0]);
        }
    }

    @Test
    void what_cannot_be_opened_has_attributes_as_well() throws Exception {
        stage.needsPrivileges();
        stage.socket(stage.path("socket"));
        stage.fifo(stage.path("fifo"));
        stage.characterDevice(stage.path("device"));
        stage.directory(stage.path("directory"));
        for (String name : List.of("socket", "fifo", "device", "directory")) {
            try (OpenedFile found =
                    (OpenedFile) stage.linux().open().find(stage.path(name), OpenRequest.RECORDED_OBJECT)) {
                assertThat(attributes.get(found, PRIVILEGED)).isEmpty();
                attributes.set(found, PRIVILEGED, VALUE);
                assertThat(attributes.get(found, PRIVILEGED)).hasValue(VALUE);
                assertThat(attributes.list(found)).contains(PRIVILEGED);
                assertThat(attributes.remove(found, PRIVILEGED)).isTrue();
            }
        }
    }

    @Test
    void a_file_that_was_found_only_has_the_same_attributes() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, new byte[0]);
        byte[] large = "x".repeat(3000).getBytes(UTF_8);
        try (OpenedFile file = open(path);
                OpenedFile found = (OpenedFile) stage.linux().open().find(path, OpenRequest.RECORDED)) {
            assertThat(found.identity()).isEqualTo(file.identity());
            assertThat(found.realPath()).isEqualTo(file.realPath());
            assertThat(attributes.get(found, NAME)).isEmpty();
            attributes.set(found, NAME, VALUE);
            assertThat(attributes.get(file, NAME)).hasValue(VALUE);
            attributes.set(file, NAME, large);
            assertThat(attributes.get(found, NAME)).hasValue(large);
            assertThat(attributes.list(found)).containsExactly(NAME);
            assertThat(attributes.remove(found, NAME)).isTrue();
            assertThat(attributes.remove(found, NAME)).isFalse();
            assertThat(attributes.list(file)).isEmpty();
            assertThat(fileSystems.status(found).id())
                    .isEqualTo(fileSystems.status(file).id());
            assertFails(Errno.EBADF, () -> fileSystems.sync(found));
        }
    }

    @Test
    void a_file_system_is_told_by_its_number_and_its_own_id() throws Exception {
        try (OpenedFile file = newFile()) {
            assertThat(fileSystems.status(file).id()).isPresent();
            assertThat(fileSystems.mounts(file.identity().device()))
                    .extracting(Mount::id)
                    .contains(file.status().mountId());
            assertThat(fileSystems.mounts(0x7fff_ffffL)).isEmpty();
        }
    }

    @Test
    void a_value_beyond_the_usual_size_is_read_whole() throws Exception {
        byte[] large = "x".repeat(3000).getBytes(UTF_8);
        try (OpenedFile file = newFile()) {
            attributes.set(file, NAME, large);
            assertThat(attributes.get(file, NAME)).hasValue(large);
        }
    }

    @Test
    void a_value_beyond_the_kernels_limit_is_refused() throws Exception {
        try (OpenedFile file = newFile()) {
            byte[] huge = new byte[ExtendedAttributes.MAXIMUM_VALUE_SIZE + 1];
            assertFails(Errno.E2BIG, () -> attributes.set(file, NAME, huge));
        }
    }

    @Test
    void names_are_listed_and_a_removed_one_is_gone() throws Exception {
        try (OpenedFile file = newFile()) {
            assertThat(attributes.list(file)).isEmpty();
            attributes.set(file, NAME, VALUE);
            attributes.set(file, KEPT, VALUE);
            assertThat(attributes.list(file)).containsExactlyInAnyOrder(NAME, KEPT);
            assertThat(attributes.remove(file, NAME)).isTrue();
            assertThat(attributes.remove(file, NAME)).isFalse();
            assertThat(attributes.list(file)).containsExactly(KEPT);
            assertThat(attributes.get(file, NAME)).isEmpty();
        }
    }

    @Test
    void an_attribute_belongs_to_the_file_and_not_to_the_name() throws Exception {
        try (OpenedFile file = newFile()) {
            stage.rename(stage.path("image"), stage.path("moved"));
            stage.file(stage.path("image"), new byte[0]);
            attributes.set(file, NAME, VALUE);
            try (OpenedFile moved = open(stage.path("moved"));
                    OpenedFile successor = open(stage.path("image"))) {
                assertThat(attributes.get(moved, NAME)).hasValue(VALUE);
                assertThat(attributes.get(successor, NAME)).isEmpty();
            }
        }
    }

    @Test
    void a_file_system_without_attributes_says_so() throws Exception {
        HostPath path = stage.root(FileSystemKind.WITHOUT_ATTRIBUTES).child("file");
        stage.file(path, new byte[0]);
        try (OpenedFile file = open(path)) {
            assertFails(Errno.EOPNOTSUPP, () -> attributes.set(file, NAME, VALUE));
            assertFails(Errno.EOPNOTSUPP, () -> attributes.get(file, NAME));
            assertFails(Errno.EOPNOTSUPP, () -> attributes.remove(file, NAME));
            assertThat(attributes.list(file)).isEmpty();
        }
    }

    @Test
    void a_read_only_file_system_refuses_changes_but_not_reading() throws Exception {
        try (OpenedFile file = open(stage.root(FileSystemKind.READ_ONLY).child("file"))) {
            assertFails(Errno.EROFS, () -> attributes.set(file, NAME, VALUE));
            assertFails(Errno.EROFS, () -> attributes.remove(file, KEPT));
            assertThat(attributes.get(file, KEPT)).isPresent();
            assertThat(fileSystems.mount(file))
                    .hasValueSatisfying(mount -> assertThat(mount.isReadOnly()).isTrue());
        }
    }

    @Test
    void a_full_file_system_says_so() throws Exception {
        try (OpenedFile file = open(stage.root(FileSystemKind.FULL).child("file"))) {
            // Too much for the inode itself but not for a block; no block is left.
            byte[] large = new byte[600];
            assertFails(Errno.ENOSPC, () -> attributes.set(file, NAME, large));
            assertThat(attributes.get(file, NAME)).isEmpty();
            assertThat(fileSystems.status(file).freeBlocks()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ORDINARY", "WITHOUT_ATTRIBUTES", "READ_ONLY"})
    void a_file_is_found_on_the_mount_that_it_was_opened_through(String kind) throws Exception {
        HostPath root = stage.root(FileSystemKind.valueOf(kind));
        HostPath path = root.child("file");
        if (!kind.equals("READ_ONLY")) {
            stage.file(path, new byte[0]);
        }
        try (OpenedFile file = open(path)) {
            Mount mount = fileSystems.mount(file).orElseThrow();
            assertThat(mount.id()).isEqualTo(file.status().mountId());
            assertThat(path.printable()).startsWith(mount.mountPoint().printable());
            assertThat(mount.fileSystemType()).isNotEmpty();
            FileSystemStatus status = fileSystems.status(file);
            assertThat(status.magic()).isNotZero();
            assertThat(status.blockSize()).isPositive();
        }
    }

    @Test
    void a_mount_made_later_is_found_too() throws Exception {
        try (OpenedFile file = newFile()) {
            assertThat(fileSystems.mount(file)).isPresent();
            HostPath path = stage.root(FileSystemKind.WITHOUT_ATTRIBUTES).child("file");
            stage.file(path, new byte[0]);
            try (OpenedFile other = open(path)) {
                assertThat(fileSystems.mount(other).orElseThrow().mountPoint()).isEqualTo(path.parent());
            }
            assertThat(fileSystems.mount(file).orElseThrow().id())
                    .isEqualTo(file.status().mountId());
        }
    }

    @Test
    void a_file_system_is_written_out_on_demand() throws Exception {
        HostPath path = stage.root(FileSystemKind.WITHOUT_ATTRIBUTES).child("file");
        stage.file(path, new byte[0]);
        try (OpenedFile file = open(path)) {
            fileSystems.sync(file);
        }
    }

    @Test
    void a_closed_file_is_not_used_again() throws Exception {
        OpenedFile file = newFile();
        file.close();
        assertThatThrownBy(() -> attributes.get(file, NAME)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> attributes.set(file, NAME, VALUE)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> fileSystems.status(file)).isInstanceOf(IllegalStateException.class);
    }
}

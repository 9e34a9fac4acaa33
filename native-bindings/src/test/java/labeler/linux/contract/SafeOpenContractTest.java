package labeler.linux.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import labeler.linux.Access;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRefusal.Reason;
import labeler.linux.OpenRequest;
import labeler.linux.OpenRequest.Links;
import labeler.linux.OpenedFile;
import labeler.linux.contract.Stage.FileSystemKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Opening, on any kernel. No test may take long: nothing that is opened here may block. */
@Timeout(120)
public abstract class SafeOpenContractTest extends Opening {
    @Test
    void a_regular_file_is_opened_with_its_status() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, CONTENT);
        try (OpenedFile file = opened(path, OpenRequest.IMAGE)) {
            assertThat(file.path()).isEqualTo(path);
            assertThat(file.realPath()).isEqualTo(path);
            assertThat(file.status().type()).isEqualTo(FileType.REGULAR);
            assertThat(file.status().size()).isEqualTo(CONTENT.length);
            assertThat(file.status().mode()).isEqualTo(0644);
            assertThat(file.identity().inode()).isPositive();
            assertThat(file.identity().birth()).isPresent();
            assertThat(open.contentSize(file)).isEqualTo(CONTENT.length);
        }
    }

    @Test
    void a_file_is_found_as_it_would_be_opened_and_cannot_be_read() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, CONTENT);
        stage.symbolicLink(stage.path("link"), path);
        try (OpenedFile file = opened(path, OpenRequest.IMAGE);
                OpenedFile found = (OpenedFile) open.find(stage.path("link"), OpenRequest.IMAGE)) {
            assertThat(found.status()).isEqualTo(file.status());
            assertThat(found.realPath()).isEqualTo(path);
            assertThatThrownBy(() -> found.read(ByteBuffer.allocate(1), 0)).isInstanceOf(LinuxException.class);
        }
        assertThat(open.find(stage.path("link"), OpenRequest.RECORDED))
                .isInstanceOfSatisfying(
                        OpenRefusal.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.LINK));
        assertThat(open.find(stage.path("absent"), OpenRequest.IMAGE))
                .isInstanceOfSatisfying(
                        OpenRefusal.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.MISSING));
        stage.fifo(stage.path("fifo"));
        assertThat(open.find(stage.path("fifo"), OpenRequest.IMAGE))
                .isInstanceOfSatisfying(
                        OpenRefusal.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.WRONG_TYPE));
    }

    @Test
    void what_cannot_be_opened_is_found_with_its_kind() throws Exception {
        stage.needsPrivileges();
        stage.fifo(stage.path("fifo"));
        stage.socket(stage.path("socket"));
        stage.characterDevice(stage.path("device"));
        stage.directory(stage.path("directory"));
        Map<String, FileType> kinds = Map.of(
                "fifo", FileType.FIFO,
                "socket", FileType.SOCKET,
                "device", FileType.CHARACTER_DEVICE,
                "directory", FileType.DIRECTORY);
        for (Map.Entry<String, FileType> kind : kinds.entrySet()) {
            HostPath path = stage.path(kind.getKey());
            for (OpenRequest request : List.of(OpenRequest.NAMED_OBJECT, OpenRequest.RECORDED_OBJECT)) {
                try (OpenedFile found = (OpenedFile) open.find(path, request)) {
                    assertThat(found.status().type()).isEqualTo(kind.getValue());
                    assertThat(found.realPath()).isEqualTo(path);
                }
            }
        }
    }

    @Test
    void a_file_is_read_at_positions_into_heap_and_direct_buffers() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, CONTENT);
        try (OpenedFile file = opened(path, OpenRequest.IMAGE)) {
            for (ByteBuffer buffer : new ByteBuffer[] {ByteBuffer.allocate(7), ByteBuffer.allocateDirect(7)}) {
                buffer.position(1);
                assertThat(file.read(buffer, 5)).isEqualTo(6);
                byte[] got = new byte[6];
                buffer.flip().position(1).get(got);
                assertThat(got).isEqualTo("conten".getBytes(UTF_8));
            }
            assertThat(file.read(ByteBuffer.allocate(100), 5)).isEqualTo(CONTENT.length - 5);
            assertThat(file.read(ByteBuffer.allocate(1), CONTENT.length)).isZero();
            assertThat(file.read(ByteBuffer.allocate(1), 1L << 40)).isZero();
        }
    }

    @Test
    void a_large_read_is_whole() throws Exception {
        byte[] large = new byte[300_000];
        for (int i = 0; i < large.length; i++) {
            large[i] = (byte) (i / 7);
        }
        HostPath path = stage.path("large");
        stage.file(path, large);
        try (OpenedFile file = opened(path, OpenRequest.IMAGE)) {
            ByteBuffer buffer = ByteBuffer.allocate(large.length);
            assertThat(file.read(buffer, 0)).isEqualTo(large.length);
            assertThat(buffer.array()).isEqualTo(large);
        }
    }

    @Test
    void other_kinds_of_file_are_refused_without_blocking() throws Exception {
        stage.fifo(stage.path("fifo"));
        stage.socket(stage.path("socket"));
        stage.characterDevice(stage.path("device"));
        stage.directory(stage.path("directory"));
        for (String name : Set.of("fifo", "socket", "device", "directory")) {
            assertRefused(stage.path(name), OpenRequest.IMAGE, Reason.WRONG_TYPE);
            assertRefused(
                    stage.path(name),
                    new OpenRequest(Access.READ_WRITE, Set.of(FileType.REGULAR), Links.FOLLOW),
                    Reason.WRONG_TYPE);
        }
    }

    @Test
    void what_is_asked_for_is_opened_without_blocking() throws Exception {
        stage.fifo(stage.path("fifo"));
        stage.directory(stage.path("directory"));
        stage.characterDevice(stage.path("device"));
        for (FileType type : EnumSet.of(FileType.FIFO, FileType.DIRECTORY, FileType.CHARACTER_DEVICE)) {
            String name =
                    type == FileType.CHARACTER_DEVICE ? "device" : type.text().toLowerCase(java.util.Locale.ROOT);
            OpenRequest request = new OpenRequest(Access.READ_ONLY, Set.of(type), Links.FOLLOW);
            try (OpenedFile file = opened(stage.path(name), request)) {
                assertThat(file.status().type()).isEqualTo(type);
            }
        }
    }

    @Test
    void a_socket_cannot_be_opened_at_all() throws Exception {
        stage.socket(stage.path("socket"));
        OpenRequest request = new OpenRequest(Access.READ_ONLY, Set.of(FileType.SOCKET), Links.FOLLOW);
        assertRefused(stage.path("socket"), request, Reason.UNREADABLE);
    }

    @Test
    void a_file_keeps_its_identity_under_another_name_and_its_successor_has_another() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, CONTENT);
        FileIdentity identity;
        try (OpenedFile file = opened(path, OpenRequest.IMAGE)) {
            identity = file.identity();
        }
        stage.rename(path, stage.path("moved"));
        stage.hardLink(stage.path("moved"), stage.path("second"));
        try (OpenedFile file = opened(stage.path("second"), OpenRequest.IMAGE)) {
            assertThat(file.identity()).isEqualTo(identity);
        }
        stage.delete(stage.path("second"));
        stage.delete(stage.path("moved"));
        awaitTick(identity);
        stage.file(path, CONTENT);
        try (OpenedFile file = opened(path, OpenRequest.IMAGE)) {
            assertThat(file.identity()).isNotEqualTo(identity);
        }
    }

    /** Waits until the kernel's clock has ticked: a quick successor could have the same birth time. */
    private void awaitTick(FileIdentity last) throws Exception {
        HostPath probe = stage.path("probe");
        boolean ticked = false;
        while (!ticked) {
            stage.file(probe, CONTENT);
            ticked = !open.look(probe).orElseThrow().identity().birth().equals(last.birth());
            stage.delete(probe);
        }
    }

    @Test
    void an_open_file_outlives_its_name() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, CONTENT);
        try (OpenedFile file = opened(path, OpenRequest.IMAGE)) {
            stage.delete(path);
            assertThat(file.read(ByteBuffer.allocate(100), 0)).isEqualTo(CONTENT.length);
        }
        assertRefused(path, OpenRequest.IMAGE, Reason.MISSING);
    }

    @Test
    void a_closed_file_is_not_used_again() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, CONTENT);
        OpenedFile file = opened(path, OpenRequest.IMAGE);
        file.close();
        file.close();
        assertThatThrownBy(() -> file.descriptor().number()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void looking_follows_links_and_says_what_is_there() throws Exception {
        stage.file(stage.path("image"), CONTENT);
        stage.symbolicLink(stage.path("link"), HostPath.of("image"));
        stage.symbolicLink(stage.path("loop"), HostPath.of("loop"));
        FileStatus direct = open.look(stage.path("image")).orElseThrow();
        assertThat(open.look(stage.path("link"))).contains(direct);
        try (OpenedFile file = opened(stage.path("image"), OpenRequest.IMAGE)) {
            assertThat(file.status()).isEqualTo(direct);
        }
        assertThat(open.look(stage.path("absent"))).isEmpty();
        assertThat(open.look(stage.path("image/below"))).isEmpty();
        assertThat(open.look(stage.path("loop"))).isEmpty();
        assertThat(open.look(stage.path("x/".repeat(3000)))).isEmpty();
    }

    @Test
    void a_created_file_is_empty_and_owned_as_asked() throws Exception {
        stage.needsPrivileges();
        HostPath path = stage.path("new");
        try (OpenedFile file = open.create(path, 0640, 12, 34)) {
            FileStatus status = file.status();
            assertThat(status.type()).isEqualTo(FileType.REGULAR);
            assertThat(status.mode()).isEqualTo(0640);
            assertThat(status.uid()).isEqualTo(12);
            assertThat(status.gid()).isEqualTo(34);
            assertThat(status.size()).isZero();
            assertThat(file.realPath()).isEqualTo(path);
        }
    }

    @Test
    void nothing_is_created_over_what_is_there() throws Exception {
        stage.file(stage.path("file"), CONTENT);
        stage.symbolicLink(stage.path("dangling"), HostPath.of("target"));
        for (String name : Set.of("file", "dangling")) {
            assertThatThrownBy(() -> open.create(stage.path(name), 0600, 0, 0))
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST));
        }
        assertThat(open.look(stage.path("target"))).isEmpty();
        assertThatThrownBy(() -> open.create(stage.path("absent/file"), 0600, 0, 0))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
    }

    @Test
    void only_the_very_file_is_unlinked() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, CONTENT);
        FileIdentity identity = open.look(path).orElseThrow().identity();
        stage.rename(path, stage.path("kept"));
        stage.file(path, CONTENT);
        assertThat(open.unlinkIfSame(path, identity)).isFalse();
        assertThat(open.look(path)).isPresent();
        stage.symbolicLink(stage.path("link"), HostPath.of("kept"));
        assertThat(open.unlinkIfSame(stage.path("link"), identity)).isFalse();
        assertThat(open.unlinkIfSame(stage.path("kept"), identity)).isTrue();
        assertThat(open.look(stage.path("kept"))).isEmpty();
        assertThat(open.unlinkIfSame(stage.path("kept"), identity)).isFalse();
        assertThat(open.unlinkIfSame(stage.path("absent/file"), identity)).isFalse();
    }

    @Test
    void an_open_file_is_opened_again_whatever_its_name_leads_to_now() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, CONTENT);
        try (OpenedFile file = opened(path, OpenRequest.IMAGE)) {
            stage.rename(path, stage.path("moved"));
            for (Access access : Access.values()) {
                try (Descriptor again = open.reopen(file, access, false)) {
                    assertThat(again.number()).isNotEqualTo(file.descriptor().number());
                }
            }
        }
    }

    @Test
    void a_file_in_memory_has_a_number_of_its_own() throws Exception {
        try (Descriptor one = open.memory("one");
                Descriptor other = open.memory("one")) {
            assertThat(one.number()).isNotEqualTo(other.number());
        }
    }

    @Test
    void a_file_on_a_read_only_file_system_opens_for_reading_alone() throws Exception {
        HostPath path = stage.root(FileSystemKind.READ_ONLY).child("file");
        opened(path, OpenRequest.IMAGE).close();
        assertRefused(
                path, new OpenRequest(Access.READ_WRITE, Set.of(FileType.REGULAR), Links.FOLLOW), Reason.UNREADABLE);
    }
}

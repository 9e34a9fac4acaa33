package labeler.linux.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import labeler.linux.Access;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRefusal.Reason;
import labeler.linux.OpenRequest;
import labeler.linux.OpenRequest.Links;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.linux.contract.Stage.FileSystemKind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Opening, on any kernel. No test may take long: nothing that is opened here may block. */
@Timeout(120)
public abstract class SafeOpenContractTest {
    private static final byte[] CONTENT = "some content".getBytes(UTF_8);

    protected abstract Stage createStage() throws Exception;

    private Stage stage;
    private SafeOpen open;

    @SuppressWarnings("NullAway.Init") // set before each test
    protected SafeOpenContractTest() {}

    @BeforeEach
    void setStage() throws Exception {
        stage = createStage();
        open = stage.linux().open();
    }

    @AfterEach
    void clearStage() throws Exception {
        stage.clear();
    }

    private OpenedFile opened(HostPath path, OpenRequest request) {
        OpenOutcome outcome = open.open(path, request);
        assertThat(outcome).isInstanceOf(OpenedFile.class);
        return (OpenedFile) outcome;
    }

    private void assertRefused(HostPath path, OpenRequest request, Reason reason) {
        OpenOutcome outcome = open.open(path, request);
        if (outcome instanceof OpenedFile file) {
            file.close();
        }
        assertThat(outcome).isInstanceOfSatisfying(OpenRefusal.class, refusal -> {
            assertThat(refusal.reason()).isEqualTo(reason);
            assertThat(refusal.path()).isEqualTo(path);
            assertThat(refusal.detail()).isNotEmpty();
        });
    }

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
    void nothing_there_is_missing() throws Exception {
        stage.file(stage.path("file"), CONTENT);
        stage.symbolicLink(stage.path("dangling"), HostPath.of("nowhere"));
        assertRefused(stage.path("absent"), OpenRequest.IMAGE, Reason.MISSING);
        assertRefused(stage.path("absent/below"), OpenRequest.IMAGE, Reason.MISSING);
        assertRefused(stage.path("file/below"), OpenRequest.IMAGE, Reason.MISSING);
        assertRefused(stage.path("file/"), OpenRequest.IMAGE, Reason.MISSING);
        assertRefused(stage.path("dangling"), OpenRequest.IMAGE, Reason.MISSING);
    }

    @Test
    void a_name_too_long_is_missing() throws Exception {
        assertRefused(stage.path("x".repeat(256)), OpenRequest.IMAGE, Reason.MISSING);
        assertRefused(stage.path("x/".repeat(2048)), OpenRequest.IMAGE, Reason.MISSING);
        assertRefused(HostPath.of("/" + "x/".repeat(100_000)), OpenRequest.IMAGE, Reason.MISSING);
    }

    @Test
    void the_longest_path_is_opened() throws Exception {
        HostPath path = stage.path("image");
        stage.file(path, CONTENT);
        String padding = "/".repeat(HostPath.MAXIMUM_LENGTH - path.length());
        HostPath longest = HostPath.of(padding + path);
        assertThat(longest.length()).isEqualTo(HostPath.MAXIMUM_LENGTH);
        opened(longest, OpenRequest.IMAGE).close();
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
    void symbolic_links_are_followed_or_refused_as_asked() throws Exception {
        HostPath image = stage.path("directory/image");
        stage.directory(stage.path("directory"));
        stage.file(image, CONTENT);
        stage.symbolicLink(stage.path("link"), HostPath.of("directory/image"));
        stage.symbolicLink(stage.path("absolute"), image);
        stage.symbolicLink(stage.path("above"), HostPath.of("directory"));
        for (String name : Set.of("link", "absolute", "above/image", "above/../link", "./directory/.//image")) {
            try (OpenedFile file = opened(stage.path(name), OpenRequest.IMAGE)) {
                assertThat(file.realPath()).isEqualTo(image);
                assertThat(file.path()).isEqualTo(stage.path(name));
            }
        }
        for (String name : Set.of("link", "absolute", "above/image")) {
            assertRefused(stage.path(name), OpenRequest.RECORDED, Reason.LINK);
        }
        opened(image, OpenRequest.RECORDED).close();
    }

    @Test
    void links_that_lead_in_a_circle_are_missing_and_with_no_links_allowed_a_link() throws Exception {
        stage.symbolicLink(stage.path("a"), HostPath.of("b"));
        stage.symbolicLink(stage.path("b"), HostPath.of("a"));
        stage.symbolicLink(stage.path("self"), HostPath.of("self/self"));
        for (String name : Set.of("a", "self", "a/below")) {
            assertRefused(stage.path(name), OpenRequest.IMAGE, Reason.MISSING);
            assertRefused(stage.path(name), OpenRequest.RECORDED, Reason.LINK);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 41})
    void forty_links_in_a_row_are_followed_and_no_more(int links) throws Exception {
        stage.file(stage.path("link0"), CONTENT);
        for (int i = 1; i <= links; i++) {
            stage.symbolicLink(stage.path("link" + i), HostPath.of("link" + (i - 1)));
        }
        HostPath last = stage.path("link" + links);
        if (links == 40) {
            opened(last, OpenRequest.IMAGE).close();
        } else {
            assertRefused(last, OpenRequest.IMAGE, Reason.MISSING);
        }
    }

    @Test
    void magic_links_are_always_refused() throws Exception {
        HostPath image = stage.path("image");
        stage.file(image, CONTENT);
        HostPath magic = stage.throughMagicLink(image);
        stage.symbolicLink(stage.path("to-magic"), magic);
        assertRefused(magic, OpenRequest.IMAGE, Reason.LINK);
        assertRefused(magic, OpenRequest.RECORDED, Reason.LINK);
        assertRefused(stage.path("to-magic"), OpenRequest.IMAGE, Reason.LINK);
    }

    @Test
    void names_that_are_not_text_work() throws Exception {
        HostPath path =
                stage.root(FileSystemKind.ORDINARY).child(new byte[] {(byte) 0xff, '\n', (byte) 0xc3, ' ', '\\'});
        stage.file(path, CONTENT);
        try (OpenedFile file = opened(path, OpenRequest.RECORDED)) {
            assertThat(file.realPath()).isEqualTo(path);
        }
        assertThat(open.look(path)).isPresent();
    }

    @Test
    void a_name_that_ends_like_the_kernels_mark_of_a_deleted_file_works() throws Exception {
        HostPath path = stage.path("image (deleted)");
        stage.file(path, CONTENT);
        try (OpenedFile file = opened(path, OpenRequest.IMAGE)) {
            assertThat(file.realPath()).isEqualTo(path);
        }
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
        // A clock tick of the kernel, or a quick successor could have the same birth time.
        Thread.sleep(Duration.ofMillis(20));
        stage.file(path, CONTENT);
        try (OpenedFile file = opened(path, OpenRequest.IMAGE)) {
            assertThat(file.identity()).isNotEqualTo(identity);
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
    void a_file_on_a_read_only_file_system_opens_for_reading_alone() throws Exception {
        HostPath path = stage.root(FileSystemKind.READ_ONLY).child("file");
        opened(path, OpenRequest.IMAGE).close();
        assertRefused(
                path, new OpenRequest(Access.READ_WRITE, Set.of(FileType.REGULAR), Links.FOLLOW), Reason.UNREADABLE);
    }
}

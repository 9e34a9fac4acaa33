package labeler.linux.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import labeler.linux.HostPath;
import labeler.linux.OpenRefusal.Reason;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.contract.Stage.FileSystemKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and links on the way to a file, on any kernel. */
@Timeout(120)
public abstract class NamesContractTest extends Opening {
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
}

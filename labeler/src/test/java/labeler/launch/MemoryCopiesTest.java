package labeler.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies in memory, on this kernel. */
class MemoryCopiesTest {
    @TempDir
    Path directory;

    private final SafeOpen open = JnaLinux.create().open();
    private final MemoryCopies copies = new MemoryCopies(open);

    private Descriptor copied(byte[] content) throws IOException {
        Path file = Files.write(directory.resolve("file"), content);
        try (OpenedFile opened = (OpenedFile) open.open(HostPath.of(file), OpenRequest.RECORDED)) {
            return copies.of(opened);
        }
    }

    @Test
    void a_copy_has_the_content_and_no_name() throws IOException {
        byte[] content = new byte[200_000];
        content[199_999] = 7;

        try (Descriptor copy = copied(content)) {
            Path place = Path.of("/proc/self/fd/" + copy.number());
            assertThat(Files.readAllBytes(place)).isEqualTo(content);
            assertThat(Files.readSymbolicLink(place).toString()).startsWith("/memfd:");
            assertThat(Files.getPosixFilePermissions(place)).hasSize(3);
        }
    }

    @Test
    void an_empty_file_has_an_empty_copy() throws IOException {
        try (Descriptor copy = copied(new byte[0])) {
            assertThat(Files.size(Path.of("/proc/self/fd/" + copy.number()))).isZero();
        }
    }

    @Test
    void a_file_that_is_too_large_is_not_copied() {
        assertThatThrownBy(() -> copied(new byte[MemoryCopies.MOST_BYTES + 1]))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("too large");
    }
}

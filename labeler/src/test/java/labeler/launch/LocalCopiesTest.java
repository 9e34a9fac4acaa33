package labeler.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import labeler.linux.ForwardingOpen;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of real files, made through this kernel. */
class LocalCopiesTest {
    private final Linux linux = JnaLinux.create();
    private final LocalCopies copies = new LocalCopies(linux.open(), linux.attributes());

    @TempDir
    Path directory;

    private OpenedFile opened(Path path) {
        return (OpenedFile) linux.open().open(HostPath.of(path), OpenRequest.IMAGE);
    }

    @Test
    void a_copy_has_the_bytes_and_everybody_may_read_it() throws IOException {
        Path kernel = Files.write(directory.resolve("kernel"), new byte[3 << 20]);
        Path copy = directory.resolve("copy");
        try (OpenedFile source = opened(kernel)) {
            copies.make(source, copy, Optional.empty());
        }
        assertThat(copy).hasSameBinaryContentAs(kernel);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                .isEqualTo("r--r--r--");
    }

    @Test
    void what_is_larger_than_any_kernel_is_refused_before_a_byte_is_copied() throws IOException {
        Path large = directory.resolve("large");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(LocalCopies.MOST_BYTES + 1);
        }
        try (OpenedFile source = opened(large)) {
            assertThatThrownBy(() -> copies.make(source, directory.resolve("copy"), Optional.empty()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("256 MB");
        }
        assertThat(directory.resolve("copy")).doesNotExist();
    }

    @Test
    void what_grows_while_it_is_read_is_copied_no_further_than_the_limit() throws IOException {
        Path growing = Files.write(directory.resolve("growing"), new byte[2 << 20]);
        try (OpenedFile source = opened(growing)) {
            assertThatThrownBy(() -> LocalCopies.write(source, directory.resolve("copy"), 1 << 20))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("1 MB");
        }
        assertThat(Files.size(directory.resolve("copy"))).isLessThanOrEqualTo(1 << 20);
    }

    @Test
    void a_copy_that_is_not_what_was_read_is_refused() throws IOException {
        Path kernel = Files.writeString(directory.resolve("kernel"), "kernel");
        Path copy = directory.resolve("copy");
        LocalCopies tampered = new LocalCopies(new Tampering(linux.open(), copy), linux.attributes());
        try (OpenedFile source = opened(kernel)) {
            assertThatThrownBy(() -> tampered.make(source, copy, Optional.empty()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is not what was copied");
        }
    }

    /** Somebody writes to the copy before it is opened to be compared. */
    private static final class Tampering extends ForwardingOpen {
        private final Path copy;

        Tampering(SafeOpen open, Path copy) {
            super(open);
            this.copy = copy;
        }

        @Override
        public OpenOutcome open(HostPath path, OpenRequest request) {
            try {
                Files.writeString(copy, "kernal");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return super.open(path, request);
        }
    }

    @Test
    void a_name_that_is_taken_is_not_written_through() throws IOException {
        Path kernel = Files.writeString(directory.resolve("kernel"), "kernel");
        Path victim = Files.writeString(directory.resolve("victim"), "kept");
        Path copy = Files.createSymbolicLink(directory.resolve("copy"), victim);
        try (OpenedFile source = opened(kernel)) {
            assertThatThrownBy(() -> copies.make(source, copy, Optional.empty()))
                    .isInstanceOf(FileAlreadyExistsException.class);
        }
        assertThat(victim).hasContent("kept");
    }
}

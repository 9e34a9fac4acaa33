package labeler.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A page goes to its name, and to no other, in a directory that somebody else may have prepared. */
class PageFileTest {
    private final Path directory;
    private final Path page;

    PageFileTest(@TempDir Path directory) {
        this.directory = directory;
        this.page = directory.resolve("survey.html");
    }

    private void write(String text) throws IOException {
        PageFile.write(HostPath.of(page), text);
    }

    private int names() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return (int) all.count();
        }
    }

    @Test
    void a_page_is_its_owners_alone_and_replaces_the_last_one() throws IOException {
        write("first");
        write("é");

        assertThat(page).content().isEqualTo("é");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(page)))
                .isEqualTo("rw-------");
        assertThat(names()).isEqualTo(1);
    }

    @Test
    void another_name_of_the_last_page_keeps_it() throws IOException {
        Path other = Files.writeString(directory.resolve("other"), "others");
        Files.createLink(page, other);

        write("page");

        assertThat(other).content().isEqualTo("others");
    }

    @Test
    void no_link_is_followed_nor_replaced() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "kept");
        Files.createSymbolicLink(page, victim);

        assertThatThrownBy(() -> write("page")).hasMessage("it is there, and no regular file: name another");
        assertThat(victim).content().isEqualTo("kept");
        assertThat(Files.isSymbolicLink(page)).isTrue();
        assertThat(names()).isEqualTo(2);
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void no_pipe_is_waited_for_and_nothing_else_replaced() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", page.toString()).start().waitFor(10, TimeUnit.SECONDS))
                .isTrue();
        assertThatThrownBy(() -> write("page")).hasMessageContaining("no regular file");

        Files.delete(page);
        Files.createDirectory(page);
        assertThatThrownBy(() -> write("page")).hasMessageContaining("no regular file");
        assertThatThrownBy(() -> PageFile.write(HostPath.of("/"), "page")).hasMessage("it is a directory");
    }
}

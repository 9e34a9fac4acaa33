package labeler.vm.qemu.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The names in an output of strace, in each way in which a call has one. */
class OpenedByQemuTest {
    private static Map<String, Boolean> names(String... lines) {
        return OpenedByQemu.names(List.of(lines), Path.of("/d"));
    }

    @Test
    void an_open_that_fails_counts() {
        assertThat(
                        names(
                                "7 openat(AT_FDCWD</d>, \"/dev/dsp\", O_RDWR|O_CLOEXEC) = -1 ENOENT (No such file or directory)"))
                .isEqualTo(Map.of("/dev/dsp", true));
    }

    @Test
    void an_open_that_another_thread_interrupts_counts() {
        assertThat(names(
                        "7 openat(AT_FDCWD</d>, \"a,b\", O_RDONLY <unfinished ...>",
                        "7 <... openat resumed>) = 3</d/a,b>"))
                .isEqualTo(Map.of("/d/a,b", false));
    }

    @Test
    void a_name_below_an_open_directory_counts_there() {
        assertThat(names(
                        "7 openat(5</e>, \"f\", O_RDONLY|O_CREAT, 0600) = 6</e/f>",
                        "7 openat(5</e>, \"\", O_RDWR) = 7"))
                .isEqualTo(Map.of("/e/f", true));
    }

    @Test
    void the_same_name_for_reading_and_then_for_writing_is_written() {
        assertThat(names(
                        "7 open(\"a\", O_RDONLY) = 3</d/a>",
                        "7 open(\"a\", O_WRONLY) = 4</d/a>",
                        "7 open(\"a\", O_RDONLY) = 5"))
                .isEqualTo(Map.of("/d/a", true));
    }

    @Test
    void what_is_made_counts_for_writing() {
        assertThat(names(
                        "7 symlink(\"/dev/pts/3\", \"link\") = 0",
                        "7 symlinkat(\"/dev/pts/3\", AT_FDCWD</d>, \"at\") = 0",
                        "7 renameat(5</e>, \"old\", 5</e>, \"new\") = 0",
                        "7 link(\"old\", \"/f\") = 0",
                        "7 mkdirat(AT_FDCWD</d>, \"dir\", 0700) = 0",
                        "7 mknod(\"fifo\", S_IFIFO|0600) = 0",
                        "7 creat(\"file\", 0600) = 3"))
                .isEqualTo(Map.of(
                        "/d/link", true, "/d/at", true, "/e/new", true, "/f", true, "/d/dir", true, "/d/fifo", true,
                        "/d/file", true));
    }

    @Test
    void a_socket_counts_and_an_abstract_one_by_its_own_name() {
        assertThat(names(
                        "7 connect(3<socket:[1]>, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 110) = -1 ENOENT (No)",
                        "7 bind(3<socket:[2]>, {sa_family=AF_UNIX, sun_path=@\"x\"}, 4) = 0"))
                .isEqualTo(Map.of("/run/x", true, "@x", true));
    }

    @Test
    void a_program_that_runs_counts() {
        assertThat(names("7 execve(\"/usr/lib/qemu/helper\", [\"helper\", \"/x\"], 0x7ff /* 9 vars */) = 0"))
                .isEqualTo(Map.of("/usr/lib/qemu/helper", false));
    }

    @Test
    void an_open_by_openat2_counts() {
        assertThat(names("7 openat2(5</e>, \"f\", {flags=O_RDWR, resolve=RESOLVE_BENEATH}, 24) = 6"))
                .isEqualTo(Map.of("/e/f", true));
    }
}

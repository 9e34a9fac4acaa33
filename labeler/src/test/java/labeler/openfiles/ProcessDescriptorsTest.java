package labeler.openfiles;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.it.Holder;
import labeler.linux.Access;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ProcessDescriptorsTest {
    private final ProcessDescriptors descriptors = ProcessDescriptors.ofThisMachine();

    @TempDir
    Path directory;

    private Process shell(String redirections) throws IOException {
        Process process = new ProcessBuilder("sh", "-c", "exec " + redirections + "; echo ready; read end")
                .directory(directory.toFile())
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
        return process;
    }

    private static Pid pid(Process process) {
        return new Pid(Math.toIntExact(process.pid()));
    }

    private static FileIdentity identity(Path file) throws IOException {
        return new FileIdentity(
                (Long) Files.getAttribute(file, "unix:dev"),
                (Long) Files.getAttribute(file, "unix:ino"),
                Optional.empty());
    }

    @Test
    void each_file_is_seen_with_how_it_is_open_and_which_it_is() throws IOException {
        Path read = Files.writeString(directory.resolve("read"), "x");
        Path both = Files.writeString(directory.resolve("both"), "x");
        Path written = Files.writeString(directory.resolve("written"), "x");
        Process process = shell("5<read 6<>both 7>>written 8</dev/null");
        try {
            Look look = descriptors.of(pid(process));
            assertThat(look)
                    .isInstanceOfSatisfying(
                            Look.Seen.class,
                            seen -> assertThat(seen.descriptors())
                                    .extracting(OpenDescriptor::number, OpenDescriptor::name, OpenDescriptor::mode)
                                    .containsExactlyInAnyOrder(
                                            Tuple.tuple(5, HostPath.of(read), new OpenMode(Access.READ_ONLY, false)),
                                            Tuple.tuple(6, HostPath.of(both), new OpenMode(Access.READ_WRITE, false)),
                                            Tuple.tuple(
                                                    7, HostPath.of(written), new OpenMode(Access.WRITE_ONLY, false))));
            assertThat(((Look.Seen) look).descriptors())
                    .extracting(OpenDescriptor::identity)
                    .containsExactlyInAnyOrderElementsOf(List.of(identity(read), identity(both), identity(written)));
            assertThat(((Look.Seen) look).descriptors())
                    .allSatisfy(one -> assertThat(one.mount()).isPresent());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void a_name_that_is_not_utf8_is_seen_in_its_bytes() throws IOException {
        Process process = shell("5>\"$(printf 'caf\\351')\"");
        try {
            assertThat(descriptors.of(pid(process)))
                    .isInstanceOfSatisfying(
                            Look.Seen.class,
                            seen -> assertThat(seen.descriptors())
                                    .extracting(one -> one.name().toString())
                                    .containsExactly(directory + "/caf\\xe9"));
        } finally {
            process.destroyForcibly();
        }
    }

    private void assertSeen(Path file, Holder holder) {
        assertThat(descriptors.of(holder.pid()))
                .isInstanceOfSatisfying(
                        Look.Seen.class,
                        seen -> assertThat(seen.descriptors())
                                .extracting(OpenDescriptor::name)
                                .contains(HostPath.of(file)));
    }

    @Test
    void what_is_open_is_seen_though_the_first_thread_has_ended() throws IOException {
        Path disk = Files.writeString(directory.resolve("disk"), "x");
        try (Holder holder = Holder.withoutItsFirstThread(directory, disk)) {
            assertSeen(disk, holder);
        }
    }

    @Test
    void what_is_open_is_seen_though_other_descriptors_come_and_go_at_each_step_of_the_look() throws IOException {
        Path disk = Files.writeString(directory.resolve("disk"), "x");
        try (Holder holder = Holder.toggling(directory, disk)) {
            for (int look = 0; look < 200; look++) {
                assertSeen(disk, holder);
            }
        }
    }

    @Test
    void a_process_whose_threads_end_while_they_are_looked_at_has_not_ended() throws IOException {
        Path disk = Files.writeString(directory.resolve("disk"), "x");
        try (Holder holder = Holder.withShortThreads(directory, disk)) {
            for (int look = 0; look < 200; look++) {
                if (descriptors.of(holder.pid()) instanceof Look.NotSeen(String why, Look.Cause cause)) {
                    assertThat(cause).as(why).isEqualTo(Look.Cause.FAILED);
                }
            }
        }
    }

    @Test
    void a_process_that_has_ended_is_not_seen() throws Exception {
        Process process = shell("5</dev/null");
        process.getOutputStream().close();
        process.waitFor();

        assertThat(descriptors.of(pid(process))).isInstanceOfSatisfying(Look.NotSeen.class, not -> {
            assertThat(not.why()).contains("is to be seen");
            assertThat(not.cause()).isEqualTo(Look.Cause.NO_PROCESS);
        });
    }

    @Test
    void a_launcher_that_has_not_become_qemu_yet_is_not_taken_for_one() {
        assertThat(descriptors.of(
                        new Pid(Math.toIntExact(ProcessHandle.current().pid()))))
                .isInstanceOfSatisfying(
                        Look.NotSeen.class, not -> assertThat(not.why()).contains("has not become qemu yet"));
    }
}

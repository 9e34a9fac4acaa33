package labeler.linux.jna;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.Access;
import labeler.linux.Errno;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LandlockRight;
import labeler.linux.LandlockRule;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenRequest.Links;
import labeler.linux.OpenedFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class JnaExecTest {
    private final Linux linux = JnaLinux.create();

    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init") // JUnit sets the directory
    JnaExecTest() {}

    /** A JVM that has turned into a shell, or is about to. */
    private Process startExecProgram(String script, String... confinedTo) throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "inherited content");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ExecProgram.class.getName(),
                file.toString(),
                script));
        command.addAll(List.of(confinedTo));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    @Test
    void the_process_becomes_the_program_with_its_number_and_what_it_was_given() throws Exception {
        Process process = startExecProgram("""
                echo "pid $$"
                echo "greeting $GREETING"
                echo "home ${HOME-none}"
                cat /proc/$$/fd/$1
                """);
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(output.lines())
                .containsExactly("pid " + process.pid(), "greeting hello", "home none", "inherited content");
    }

    @Test
    void no_other_descriptor_and_no_blocked_or_ignored_signal_is_inherited() throws Exception {
        Process process = startExecProgram("echo $1; read end");
        String number = process.inputReader().readLine();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            assertThat(descriptors.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("0", "1", "2", number);
        }
        // Signals that were ignored when this test started (for example by nohup) stay ignored, as with any exec.
        Process direct = new ProcessBuilder("sh", "-c", "read end").start();
        assertThat(signals(process)).isEqualTo(signals(direct)).containsPattern("SigBlk:\\s0+\n");
        direct.getOutputStream().close();
        process.getOutputStream().close();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    /** The signals that it blocks and ignores. */
    private static String signals(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("SigBlk") || line.startsWith("SigIgn"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    @Test
    void a_failure_leaves_this_process_as_it_was() throws Exception {
        Path path = Files.writeString(directory.resolve("image"), "content");
        try (OpenedFile file = (OpenedFile) linux.open().open(HostPath.of(path.toString()), OpenRequest.IMAGE)) {
            LinuxException failure = linux.exec()
                    .become(
                            HostPath.of("/absent/program"),
                            List.of("program".getBytes(UTF_8)),
                            List.of(),
                            Optional.empty(),
                            Set.of(file.descriptor()));
            assertThat(failure.errno()).isEqualTo(Errno.ENOENT);
            assertThat(failure.getMessage()).isEqualTo("execve /absent/program: No such file or directory");
            String flags = Files.readString(
                    Path.of("/proc/self/fdinfo/" + file.descriptor().number()));
            assertThat(flags).containsPattern("flags:\\s0?2[0-9]{6}\n");
        }
    }

    @Test
    void a_confined_program_reaches_what_the_rules_allow_and_what_it_was_handed_and_nothing_else() throws Exception {
        RequiredCapability.LANDLOCK.assume();
        Path secret = Files.writeString(directory.resolve("secret"), "secret content");
        Process process = startExecProgram("""
                head -c 4 /usr/bin/env | tail -c 3; echo
                cat FILE 2>&1
                echo x 2>&1 > /usr/written-by-a-test
                echo end
                """.replace("FILE", secret.toString()), "/usr", "/lib64");
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(output)
                .startsWith("ELF\n")
                .contains(secret + ": Permission denied")
                .contains("cannot create /usr/written-by-a-test: Permission denied")
                .doesNotContain("secret content")
                .endsWith("end\n");
    }

    @Test
    void a_program_that_the_rules_leave_out_is_not_become_and_this_process_stays_free() throws Exception {
        RequiredCapability.LANDLOCK.assume();
        assertThat(linux.exec().landlockVersion()).isPositive();
        OpenRequest request = new OpenRequest(Access.READ_ONLY, Set.of(FileType.DIRECTORY), Links.FOLLOW);
        try (OpenedFile only = (OpenedFile) linux.open().open(HostPath.of(directory.toString()), request)) {
            LinuxException failure = linux.exec()
                    .becomeConfined(
                            HostPath.of("/bin/true"),
                            List.of("true".getBytes(UTF_8)),
                            List.of(),
                            Optional.empty(),
                            Set.of(),
                            List.of(new LandlockRule(only, Set.of(LandlockRight.READ_FILE))));
            assertThat(failure.getMessage()).isEqualTo("execve /bin/true: Permission denied");
        }
        assertThat(Files.readString(Path.of("/etc/hostname"))).isNotNull();
        assertThat(Files.readString(Path.of("/proc/self/status"))).contains("NoNewPrivs:\t0");
    }

    @Test
    void a_file_that_is_no_directory_takes_no_rights_of_directories() throws Exception {
        Path path = Files.writeString(directory.resolve("image"), "content");
        try (OpenedFile file = (OpenedFile) linux.open().open(HostPath.of(path.toString()), OpenRequest.IMAGE)) {
            assertThatThrownBy(() -> new LandlockRule(file, Set.of(LandlockRight.READ_DIR)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new LandlockRule(file, Set.of())).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void a_context_that_cannot_be_set_is_a_failure() {
        LinuxException failure = linux.exec()
                .become(
                        HostPath.of("/bin/true"),
                        List.of("true".getBytes(UTF_8)),
                        List.of(),
                        Optional.of("no:such:context:s0".getBytes(UTF_8)),
                        Set.of());
        assertThat(failure.call()).isEqualTo("write");
        assertThat(failure.getMessage()).contains("attr/exec");
    }

    @Test
    void an_argument_with_a_nul_is_refused() {
        assertThatThrownBy(() -> linux.exec()
                        .become(
                                HostPath.of("/bin/true"),
                                List.of(new byte[] {'a', 0, 'b'}),
                                List.of(),
                                Optional.empty(),
                                Set.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void without_close_range_every_descriptor_is_marked_one_by_one() throws Exception {
        Path path = Files.writeString(directory.resolve("image"), "content");
        try (OpenedFile file = (OpenedFile) linux.open().open(HostPath.of(path.toString()), OpenRequest.IMAGE)) {
            LibC.fcntl(file.descriptor().number(), Abi.Open.F_SETFD, 0);
            JnaExec.closeOnExecOneByOne();
            String flags = Files.readString(
                    Path.of("/proc/self/fdinfo/" + file.descriptor().number()));
            assertThat(flags).containsPattern("flags:\\s0?2[0-9]{6}\n");
        }
    }
}

package labeler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that {@code labeler run} is to become. The service is not asked before it is found, and there is none. */
class RunProgramTest {
    private final Path plain;
    private final Path program;

    RunProgramTest(@TempDir Path directory) {
        plain = directory.resolve("plain/qemu");
        program = directory.resolve("good/qemu");
    }

    @BeforeEach
    void twoFilesOfWhichOneIsAProgram() throws IOException {
        for (Path file : new Path[] {plain, program}) {
            Files.createDirectory(file.getParent());
            Files.createFile(file);
            Files.setPosixFilePermissions(
                    file, PosixFilePermissions.fromString(file.equals(program) ? "rwxr-xr-x" : "rw-r--r--"));
        }
    }

    private Ran run(String path, String name) {
        EmptyHost host = new EmptyHost(Map.of("LABELER_SOCKET", "/none", "PATH", path), Map.of());
        return Ran.on(host, false, "run", "web1", "--", name);
    }

    private void assertRefused(String path, String name, String message) {
        Ran refused = run(path, name);
        assertThat(refused.err()).isEqualTo("labeler: " + message + "\n");
        assertThat(refused.exitCode()).isEqualTo(1);
    }

    @Test
    void a_program_by_its_path_is_not_looked_for_in_the_search_path() {
        String good = program.resolveSibling("").toString();
        assertRefused(good, plain.toString(), plain + ": this user may not execute it; name qemu's own program");
        assertRefused(good, plain + "2", plain + "2: no such file or directory");
        assertRefused(good, good, good + ": not a regular file, so no program");
    }

    @Test
    void one_in_the_search_path_that_may_not_be_executed_is_named_if_no_other_is_found() {
        String bad = plain.resolveSibling("").toString();
        assertRefused(bad, "qemu", plain + ": this user may not execute it; name qemu's own program");
        assertRefused(bad, "kvm", "kvm: no such program in $PATH");
        assertRefused(bad, "", ": no such program in $PATH");

        Ran found = run(bad + ":" + program.getParent(), "qemu");
        assertThat(found.err()).contains("/none");
        assertThat(found.exitCode()).isEqualTo(5);
    }
}

package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.IOUtils;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real libvirt changes the files of a running domain by itself. Both daemons run in namespaces of their own, with empty
 * directories in the places of this host's.
 */
class LibvirtFollowIT {
    /** The last fact: without it the script has not come to its end. */
    private static final String LAST = "ok and libvirt remembers nothing for medium.iso";

    /** Only ends a test that hangs. */
    private static final int LIMIT_MINUTES = 10;

    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"none", "selinux"})
    void what_libvirt_gives_and_takes_is_on_record(String driver) throws IOException, InterruptedException {
        Machine.requireRootAnd(
                "libvirtd", "virsh", "curl", "gcc", "python3", "qemu-img", "qemu-system-x86_64", "unshare");
        Path script = temporary.resolve("libvirt-follow.sh");
        for (String name : List.of("libvirt-follow.sh", "libvirt-private.sh", "pretend_selinux.c")) {
            Files.write(temporary.resolve(name), IOUtils.resourceToByteArray("/labeler/it/" + name));
        }
        Path log = temporary.resolve("log");
        Process process = new ProcessBuilder(List.of(
                        "unshare",
                        "--mount",
                        "--pid",
                        "--fork",
                        "--kill-child",
                        "--mount-proc",
                        "bash",
                        script.toString(),
                        ServiceFixture.DIST.toString(),
                        driver))
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String seen = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        assertThat(seen.lines().filter(line -> line.startsWith("WRONG")))
                .as(seen)
                .isEmpty();
        assertThat(seen).contains(LAST);
        assertThat(seen).doesNotContain("\tat ");
    }
}

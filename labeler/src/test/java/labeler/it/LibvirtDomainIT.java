package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.IOUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real libvirt and a domain behind the guard, from its adoption to its release. Both daemons run in namespaces of their
 * own, with empty directories in the places of this host's.
 */
class LibvirtDomainIT {
    /** The last fact: without it the script has not come to its end. */
    private static final String LAST = "ok with which it starts";

    /** About thirty commands of virsh; only ends a test that hangs. */
    private static final int LIMIT_MINUTES = 10;

    @TempDir
    Path temporary;

    @Test
    void a_domain_lives_behind_the_guard_as_without() throws IOException, InterruptedException {
        Machine.requireRootAnd("libvirtd", "virsh", "curl", "qemu-img", "qemu-system-x86_64", "unshare");
        Path script = temporary.resolve("libvirt-domain.sh");
        for (String name : List.of("libvirt-domain.sh", "libvirt-private.sh")) {
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
                        ServiceFixture.DIST.toString()))
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
        assertThat(seen).contains(LAST);
        assertThat(seen.lines().filter(line -> line.startsWith("WRONG")))
                .as(seen)
                .isEmpty();
        assertThat(seen).doesNotContain("\tat ");
    }
}

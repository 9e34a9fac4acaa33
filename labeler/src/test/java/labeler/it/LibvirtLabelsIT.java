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

/** A real libvirt, and static labels that labeler writes into its definitions, keeps for their domains, and takes out. */
class LibvirtLabelsIT {
    /** Without it the script has not come to its end. */
    private static final String LAST = "ok and that is the last fact";

    /** About eighty commands; only ends a test that hangs. */
    private static final int LIMIT_MINUTES = 10;

    @TempDir
    Path temporary;

    @Test
    void a_static_label_is_its_domains_from_its_adoption_to_its_release() throws IOException, InterruptedException {
        Machine.requireRootAnd("libvirtd", "virsh", "curl", "python3", "qemu-img", "qemu-system-x86_64", "unshare");
        for (String name : List.of("libvirt-labels.sh", "libvirt-private.sh")) {
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
                        temporary.resolve("libvirt-labels.sh").toString(),
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

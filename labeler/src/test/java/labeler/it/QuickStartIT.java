package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quick start of the README, as somebody pastes it into a shell. */
class QuickStartIT {
    private static final Path README = Path.of("../README.md").toAbsolutePath().normalize();

    /** What becomes of these depends on the host: whether something is unsafe there, or libvirt is not installed. */
    private static final List<String> OF_THE_HOST = List.of("labeler survey", "labeler plan --libvirt-all");

    private final Path temporary;

    @AutoClose
    private final ServiceFixture service;

    QuickStartIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "bash");
        Machine.requireLandlock();
        service = ServiceFixture.started(temporary);
    }

    private static String pasted() throws IOException {
        String readme = Files.readString(README);
        String after = readme.substring(readme.indexOf("\n## Quick start\n"));
        int begin = after.indexOf("\n```\n") + "\n```\n".length();
        return after.substring(begin, after.indexOf("\n```\n", begin));
    }

    @Test
    void each_command_does_what_it_says_one_right_after_the_other() throws IOException {
        Path directory = Files.createDirectory(temporary.resolve("here"));
        String commands = "cd " + directory + "\ntrap 'echo \"failed: $BASH_COMMAND\"' ERR\n" + pasted() + "\nwait\n";

        Command ran = Command.run(
                Map.of(
                        "LABELER_SOCKET",
                        service.socket().toString(),
                        "PATH",
                        ServiceFixture.DIST.resolve("bin") + ":" + System.getenv("PATH")),
                List.of("bash", "-c", commands));

        assertThat(ran.out()
                        .lines()
                        .filter(line -> line.startsWith("failed: "))
                        .map(line -> line.substring("failed: ".length()))
                        .filter(line -> OF_THE_HOST.stream().noneMatch(line::startsWith)))
                .as("%s%n%s", ran.out(), ran.err())
                .isEmpty();
        assertThat(ran.out())
                .containsPattern("web1  (starting|running)")
                .contains("rw    " + directory.resolve("disk.qcow2"), "web1: stopped; 1 labels given back");
        assertThat(service.holds("web1")).isFalse();
    }
}

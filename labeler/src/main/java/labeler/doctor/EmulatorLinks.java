package labeler.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.IoReason;

/**
 * The names by which libvirt starts adopted domains. One that leads elsewhere keeps each of its domains from starting.
 *
 * @param names the directory with them
 * @param emulator the program to which they lead
 */
record EmulatorLinks(Path names, Path emulator) {
    private static final String CHECK = "emulators";

    Finding look() {
        if (!Files.isDirectory(names)) {
            return Finding.skipped(CHECK, "no domain was adopted here");
        }
        try (Stream<Path> below = Files.walk(names)) {
            List<Path> links = below.filter(Files::isSymbolicLink).sorted().toList();
            for (Path link : links) {
                if (!leads(link)) {
                    return Finding.fault(
                            CHECK,
                            HostPath.of(link) + " does not lead to " + HostPath.of(emulator)
                                    + ": adopted domains with that emulator do not start",
                            "labeler libvirt adopt DOMAIN, again, for one of them");
                }
            }
            return Finding.good(
                    CHECK,
                    links.size() == 1
                            ? "1 name leads to this program's"
                            : links.size() + " names lead to this program's");
        } catch (IOException e) {
            return Finding.skipped(CHECK, HostPath.of(names) + ": " + IoReason.of(e));
        } catch (UncheckedIOException e) {
            return Finding.skipped(CHECK, HostPath.of(names) + ": " + e.getMessage());
        }
    }

    private boolean leads(Path link) {
        try {
            return Files.isSameFile(link, emulator) && Files.isExecutable(emulator);
        } catch (IOException e) {
            return false;
        }
    }
}

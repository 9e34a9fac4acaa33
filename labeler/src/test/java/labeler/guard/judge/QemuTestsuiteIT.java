package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import labeler.guard.QemuTestsuite;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tests and the client in the source of the qemu that is installed, at guarded monitors. All tests: ./dev iotests. */
class QemuTestsuiteIT {
    /** They take some seconds each, and have other commands than the others. */
    private static final List<String> SHORT = List.of(
            "096",
            "141",
            "238",
            "260",
            "299",
            "copy-before-write",
            "inactive-node-nbd",
            "image-fleecing",
            "migrate-during-backup");

    private static QemuTestsuite suite = new QemuTestsuite(Path.of(""));

    @BeforeAll
    static void fetch() throws IOException {
        suite = QemuTestsuite.fetched();
    }

    /** Names of sockets below it have to fit: the directory of JUnit is too long. */
    @Test
    void qemus_own_tests_end_as_they_have_to() throws IOException {
        Path directory = Files.createTempDirectory(Path.of("/tmp"), "io");
        try (GuardedQemus guard = new GuardedQemus(directory, List.of("human-monitor-command qemu-io *"))) {
            Thread.ofVirtual().start(() -> serve(guard));
            List<String> command = new ArrayList<>(List.of(QemuTestsuite.DEV, "iotests", "--at", directory.toString()));
            command.addAll(SHORT);
            QemuTestsuite.Ended ended = QemuTestsuite.run(Map.of(), command.toArray(String[]::new));
            assertThat(ended.status()).as(ended.output()).isZero();
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void serve(GuardedQemus guard) {
        try {
            guard.serve();
        } catch (ClosedChannelException e) {
            // The test has ended.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void qemus_own_client_finds_a_monitor(@TempDir Path directory) throws IOException, URISyntaxException {
        try (FollowedHost host = new FollowedHost(directory);
                JudgedQemu qemu = JudgedQemu.withChain(host, directory, "base", "top")) {
            URL client = Objects.requireNonNull(getClass().getResource("/labeler/guard/iotests/client.py"));
            QemuTestsuite.Ended ended = QemuTestsuite.run(
                    Map.of("PYTHONPATH", suite.source() + "/python", "PYTHONDONTWRITEBYTECODE", "1"),
                    "python3",
                    Path.of(client.toURI()).toString(),
                    qemu.relayed().guarded().toString());
            assertThat(ended.output().lines())
                    .containsExactly(
                            "connected True", "answered 50", "heard RESET", "refused labeler C3", "again True");
            assertThat(ended.status()).isZero();
        }
    }
}

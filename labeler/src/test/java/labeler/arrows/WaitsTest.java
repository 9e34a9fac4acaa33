package labeler.arrows;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A test waits for a state ({@code labeler.waiting.Eventually}), never for a time: on a busy machine a time is too short, and
 * on an idle one it is lost. Where nothing is to happen, or a time is what is tested, it is on the list.
 */
class WaitsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final List<String> TESTS =
            List.of("chain-model/src/test", "labeler/src/test", "native-bindings/src/test", "vagrant/acceptance");

    /** In scripts and pages a pause below a second is the one between two looks. */
    private static final Map<String, Pattern> PAUSE = Map.of(
            "java",
                    Pattern.compile("\\b(Thread\\.sleep|TimeUnit\\.[A-Z]+\\.sleep|LockSupport\\.park\\w*"
                            + "|ServiceFixture\\.pause)\\("),
            "sh", Pattern.compile("^\\s*sleep [1-9]"),
            "mjs", Pattern.compile("\\bsetTimeout\\(\\w+, [0-9]{4}"));

    /** A number of pauses, and the reason for them. */
    private record Pauses(int number, String reason) {}

    private static final Map<String, Pauses> ALLOWED = Map.ofEntries(
            entry("labeler/src/test/java/labeler/waiting/Eventually.java", new Pauses(1, "between two looks")),
            entry(
                    "native-bindings/src/test/java/labeler/linux/jna/JnaProcessesTest.java",
                    new Pauses(2, "between two looks: that module does not have Eventually")),
            entry(
                    "labeler/src/test/java/labeler/guard/RealQemu.java",
                    new Pauses(1, "between two tries to connect, each of which gives what is wanted or the reason")),
            entry(
                    "labeler/src/test/java/labeler/it/ServiceFixture.java",
                    new Pauses(1, "the pause of those that are on this list")),
            entry(
                    "labeler/src/test/java/labeler/it/HangingIT.java",
                    new Pauses(1, "between two counts of threads, of which the most counts")),
            entry(
                    "labeler/src/test/java/labeler/it/HostileRequestsIT.java",
                    new Pauses(1, "between two of many connections: the kernel's queue of them is short")),
            entry(
                    "labeler/src/test/java/labeler/it/Mounted.java",
                    new Pauses(1, "a file system frees blocks by itself: full is what stays full for a while")),
            entry(
                    "labeler/src/test/java/labeler/it/DiskVerbsIT.java",
                    new Pauses(1, "between two signals, which would be one to the kernel")),
            entry(
                    "labeler/src/test/java/labeler/registry/etcd/MembersIT.java",
                    new Pauses(4, "how long a member is away: any time will do")),
            entry(
                    "labeler/src/test/java/labeler/registry/etcd/SimulatedHosts.java",
                    new Pauses(1, "how long a host is off: any time will do")),
            entry(
                    "labeler/src/test/java/labeler/registry/etcd/RecoveryTest.java",
                    new Pauses(1, "a start may wait for the recovery or not; less time only tries less")),
            entry(
                    "labeler/src/test/java/labeler/server/SlowClientTest.java",
                    new Pauses(1, "the answer is later than the limits: that is what is tested")),
            entry(
                    "labeler/src/test/java/labeler/work/FileSystemWorkTest.java",
                    new Pauses(2, "work that takes a time, and an answer that is later than any asker waits")),
            entry(
                    "labeler/src/test/java/labeler/lifecycle/WallsTest.java",
                    new Pauses(1, "no look is to come within several periods; less time only sees less")),
            entry(
                    "labeler/src/test/java/labeler/guard/judge/LyingQemuTest.java",
                    new Pauses(1, "no label is to go within the time in which one would; less time only sees less")),
            entry(
                    "labeler/src/test/java/labeler/domain/DomainsOfUnknownStateTest.java",
                    new Pauses(1, "no file is to go within the patience for it; less time only sees less")),
            entry(
                    "native-bindings/src/test/java/labeler/linux/contract/ProcessesContractTest.java",
                    new Pauses(1, "nobody is to be woken; less time only sees less")),
            entry(
                    "labeler/src/test/cockpit/pages.test.mjs",
                    new Pauses(3, "nothing is to be drawn; less time only sees less")),
            entry("labeler/src/test/cockpit/measure.mjs", new Pauses(1, "a page that is measured is at rest before")),
            entry(
                    "vagrant/acceptance/hosts/two-hosts.sh",
                    new Pauses(1, "how soon another host sees a label is what is measured, a minute at most")));

    @Test
    void a_test_waits_for_a_state_or_its_reason_is_on_the_list() throws IOException {
        Map<String, Integer> found = new TreeMap<>();
        for (String place : TESTS) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(place))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    int pauses = pauses(file);
                    if (pauses > 0) {
                        found.put(ROOT.relativize(file).toString(), pauses);
                    }
                }
            }
        }
        assertThat(found)
                .as("pauses in tests: wait with Eventually, or put the reason on the list of this test")
                .isEqualTo(ALLOWED.entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, one -> one.getValue().number())));
    }

    @Test
    void each_has_a_reason() {
        assertThat(ALLOWED.values())
                .allSatisfy(pauses -> assertThat(pauses.reason()).hasSizeGreaterThan(10));
    }

    private static int pauses(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        Pattern pause = PAUSE.get(name.substring(name.lastIndexOf('.') + 1));
        if (pause == null || file.endsWith("WaitsTest.java") || file.toString().contains("node_modules")) {
            return 0;
        }
        // Any byte: tests have names and texts that are no UTF-8.
        return (int) Files.readString(file, StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> pause.matcher(line).find())
                .count();
    }
}

package labeler.vm.qemu.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import labeler.needs.Need;
import labeler.problem.Problem;
import labeler.vm.NameTable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The command lines that the tests of the installed libvirt expect. {@code ./dev coverage} prints what is refused. */
class LibvirtCommandLinesTest {
    private static final String DEV =
            Path.of("../dev").toAbsolutePath().normalize().toString();

    /** A directory with libvirt's tests that is there already. */
    private static final String DIRECTORY = "labeler.libvirt-command-lines";

    /** In a hundred. */
    private static final int LEAST = 96;

    /** All refusals, each with what its message says, by the names of the tests up to the first point. */
    private static final Map<String, String> REFUSALS = Map.of(
            "a descriptor, of which only its opener knows the file",
            """
            aarch64-pci-serial chardev-backends-json chardev-backends chardev-label disk-source-fd disk-vhostvdpa
            name-escape net-vdpa net-vdpa-multiqueue serial-file-chardev serial-file-log serial-many-chardev
            tpm-passthrough tpm-passthrough-crb
            """,
            "no option of qemu 10.0",
            "qemu-ns qemu-ns-alt qemu-ns-no-env",
            "qemu runs a shell command",
            "restore-v2",
            // The tests have chains that end in no known file; in a real start libvirt reads them, and says all.
            "cannot be read here, and may name a file of this host",
            """
            disk-arm-virtio-sd disk-network-gluster disk-network-rbd-encryption
            disk-network-source-curl-nbdkit-backing disk-nvme disk-qcow2-datafile-store luks-disks-source-qcow2
            """,
            "an image inside of another image, or at an offset",
            "disk-slices");

    private static LibvirtCommandLines lines = new LibvirtCommandLines(Map.of());

    @BeforeAll
    static void fetch() throws IOException {
        String given = System.getProperty(DIRECTORY, "");
        lines = LibvirtCommandLines.read(given.isEmpty() ? fetched() : Path.of(given));
        System.out.println(lines.report());
    }

    private static Path fetched() throws IOException {
        Process process = new ProcessBuilder(DEV, "coverage", "--fetch")
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        try (InputStream output = process.getInputStream()) {
            String text = new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
            Need.require(
                    process.onExit().join().exitValue() == 0, "needs the source of the installed libvirt: " + text);
            return Path.of(text.lines().reduce("", (_, last) -> last), "tests", "qemuxmlconfdata");
        }
    }

    @Test
    void nearly_all_are_understood() {
        assertThat(lines.lines()).hasSizeGreaterThan(1000);
        assertThat(100 * lines.understood())
                .as(lines.report())
                .isGreaterThan(LEAST * lines.lines().size());
    }

    @Test
    void every_refusal_is_on_the_list_with_its_reason() {
        Map<String, String> listed = new HashMap<>();
        REFUSALS.forEach((reason, names) -> NameTable.of(names).forEach(name -> listed.put(name, reason)));
        Set<String> refused = new TreeSet<>();
        lines.refused().forEach((file, problems) -> {
            String name = file.substring(0, file.indexOf('.'));
            refused.add(name);
            assertThat(problems)
                    .as(file)
                    .extracting(Problem::message)
                    .anyMatch(message -> message.contains(listed.getOrDefault(name, "no such reason")));
        });
        assertThat(refused).isEqualTo(new TreeSet<>(listed.keySet()));
    }

    @Test
    void no_name_of_a_file_is_missing() {
        assertThat(lines.omissions()).isEmpty();
    }

    /** Every way out is said. */
    @Test
    void every_refusal_says_what_to_do() {
        assertThat(lines.refused().values())
                .allSatisfy(problems -> assertThat(problems)
                        .allSatisfy(problem -> assertThat(problem.message()).contains(";")));
    }
}

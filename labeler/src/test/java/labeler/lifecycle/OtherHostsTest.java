package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import labeler.chain.ImageFormat;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts that share storage, by the lifecycle itself: claim, read a label, tell it, set another; and what they have taken over. */
class OtherHostsTest {
    private static final String OTHERS = "system_u:object_r:nfs_t:s0";

    @AutoClose
    private final TestHost host;

    /** A disk that another host has labelled. */
    OtherHostsTest(@TempDir Path state) throws IOException {
        host = new TestHost(state);
        host.raw("/vm/disk");
        host.kernel.setLabel("/vm/disk", OTHERS);
    }

    private TestVm vm() {
        return host.vm("one").disk("/vm/disk", ImageFormat.RAW);
    }

    /** What the file had before the claim is another host's label, which would come back for good. */
    @Test
    void the_label_that_a_file_goes_back_to_is_read_after_the_claim() {
        host.beside.grant(() -> host.kernel.setLabel("/vm/disk", TestHost.HOME), () -> {});
        vm().start();

        host.stop("one");
        assertThat(host.label("/vm/disk")).isEqualTo(TestHost.HOME);
    }

    /** A host that dies after its label, and before the others know what the file had, would leave the label for good. */
    @Test
    void other_hosts_are_told_before_the_label_is_set() {
        List<String> seen = new ArrayList<>();
        host.beside.grant(() -> seen.add("claimed"), () -> seen.add("told at " + host.label("/vm/disk")));
        vm().start();

        assertThat(seen).containsExactly("claimed", "told at " + OTHERS);
        assertThat(host.label("/vm/disk")).startsWith(TestHost.IMAGE_TYPE);
    }

    @Test
    void a_file_that_another_host_has_by_now_is_not_relabelled_and_nobody_is_told_to_do_that() {
        vm().start();
        host.kernel.setLabel("/vm/disk", TestHost.HOME);
        host.beside.haveTaken("host beta has it now");
        VmName name = new VmName("one");

        assertThat(changed(host.lifecycle().verify(name).orElseThrow()))
                .contains("host beta has it now")
                .doesNotContain("labeler relabel");
        for (boolean isDryRun : List.of(true, false)) {
            VmReport report = host.lifecycle().relabel(name, isDryRun).orElseThrow();
            assertThat(changed(report)).contains("keeps " + TestHost.HOME, "host beta has it now");
            assertThat(report.count(FileReport.Outcome.FAILED)).isEqualTo(1);
        }
        assertThat(host.label("/vm/disk")).isEqualTo(TestHost.HOME);
    }

    private static String changed(VmReport report) {
        return report.files().stream()
                .filter(file -> file.outcome() != FileReport.Outcome.AS_EXPECTED)
                .map(FileReport::message)
                .collect(Collectors.joining());
    }
}

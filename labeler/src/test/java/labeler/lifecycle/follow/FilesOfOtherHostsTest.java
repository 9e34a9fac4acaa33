package labeler.lifecycle.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.VmReport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a running VM that other hosts may have as well. */
class FilesOfOtherHostsTest {
    private static final HoldTrigger COMMAND = new HoldTrigger.Command(7);
    private static final HoldTrigger JOB = new HoldTrigger.Job("commit0");

    @AutoClose
    private final FollowedHost host;

    private final String image;

    /** VM one has the overlay "top" on the raw "base". */
    FilesOfOtherHostsTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        host.raw("base");
        host.overlay("top", "base", "raw");
        image = host.start("one", host.image("top", ImageFormat.QCOW2, Access.READ_WRITE));
    }

    private void othersGiveBack(String name) {
        try {
            host.setLabel(name, FollowedHost.HOME);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Invariant 3 of hosts that share storage, for a VM that runs: what the file had before the claim may be their label. */
    @Test
    void the_label_of_a_file_that_joins_is_read_after_the_claim() throws IOException {
        host.raw("more");
        host.setLabel("more", "system_u:object_r:nfs_t:s0");
        host.beside().grant(() -> othersGiveBack("more"), () -> {});

        host.take("one", COMMAND, host.raw("more", Access.READ_WRITE));
        assertThat(host.label("more")).isEqualTo(image);
        host.end("one", COMMAND);
        assertThat(host.label("more")).isEqualTo(FollowedHost.HOME);
    }

    /** This host was fenced and runs all the same: what the label goes to is another host's to say. */
    @Test
    void a_base_that_another_host_has_by_now_is_not_narrowed() {
        host.take("one", JOB, host.raw("base", Access.READ_WRITE));
        host.beside().haveTaken("host beta has it now");

        VmReport report = host.end("one", JOB);

        assertThat(host.label("base")).isEqualTo(image);
        assertThat(report.files()).singleElement().satisfies(file -> {
            assertThat(file.outcome()).isEqualTo(FileReport.Outcome.FAILED);
            assertThat(file.message()).contains("host beta has it now").doesNotContain("labeler relabel");
        });
    }
}

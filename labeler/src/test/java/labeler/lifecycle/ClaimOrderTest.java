package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import labeler.chain.ImageFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Invariant 3 of hosts that share storage, by the lifecycle itself: claim, read the label, tell it, set another. */
class ClaimOrderTest {
    private static final String OTHERS = "system_u:object_r:nfs_t:s0";

    @TempDir
    Path state;

    @SuppressWarnings("NullAway.Init") // set before each test
    private TestHost host;

    @SuppressWarnings("NullAway.Init") // set before each test
    ClaimOrderTest() {}

    @BeforeEach
    void aDiskThatAnotherHostHasLabelled() throws IOException {
        host = new TestHost(state);
        host.raw("/vm/disk");
        host.kernel.setLabel("/vm/disk", OTHERS);
    }

    @AfterEach
    void close() throws IOException {
        host.close();
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
}

package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was found about a domain of libvirt's, whose process the service does not know. */
class LibvirtChecksTest {
    private static final String STATIC =
            "<domain><seclabel type='static'><label>system_u:system_r:svirt_t:s0:c1,c2</label>"
                    + "</seclabel></domain>";

    @AutoClose
    private final TestServer server;

    LibvirtChecksTest(@TempDir Path directory) throws IOException {
        this.server = TestServer.start(directory);
    }

    private void hook(String moment) throws IOException {
        Capability.ROOT.assume();
        assertThat(server.post("/v1/hooks/libvirt/drifted/" + moment + "/-", STATIC))
                .startsWith("HTTP/1.1 20");
    }

    private int driftsTold() throws IOException {
        return server.get("/v1/events").split("\"event\":\"drift\"", -1).length - 1;
    }

    @Test
    void a_domain_that_starts_again_at_its_static_level_was_not_checked_and_its_drift_is_told() throws IOException {
        hook("start/begin");
        server.post("/v1/vms/drifted/verify", "");
        assertThat(driftsTold()).isEqualTo(1);

        hook("release/end");
        hook("start/begin");

        assertThat(server.get("/v1/vms/drifted")).contains("\"level\"").doesNotContain("\"check\"");
        server.post("/v1/vms/drifted/verify", "");
        assertThat(driftsTold()).isEqualTo(2);
    }
}

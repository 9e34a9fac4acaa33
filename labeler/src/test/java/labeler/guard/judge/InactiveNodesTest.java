package labeler.guard.judge;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import labeler.lifecycle.StartRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Behind Landlock: qemu opens a file by the name of its set again when its node becomes inactive, as at the end of a
 * migration, and once more when it becomes active.
 */
class InactiveNodesTest extends JoinedDiskHostTest {
    @SuppressWarnings("NullAway.Init") // JUnit sets the directory
    InactiveNodesTest() {}

    @BeforeEach
    void behindLandlock() throws IOException {
        end();
        begin(Files.createDirectories(root.resolve("second")), StartRequest.Launch.RUN);
    }

    /** As libvirt does it: a file node, and the image over it. */
    private void added(String name) throws IOException {
        JudgedQemu.make(host, name, "");
        done(RuleCase.command(
                "blockdev-add",
                "'driver':'file','node-name':'" + name + "-file','auto-read-only':true,'filename':'" + host.path(name)
                        + "'"));
        done(RuleCase.command(
                "blockdev-add",
                "'driver':'qcow2','node-name':'" + name + "','file':'" + name + "-file','backing':null"));
        assertThat(asked("query-named-block-nodes")).contains("/dev/fdset/");
    }

    private void snapshot() throws IOException {
        added("over");
        done(RuleCase.command("blockdev-snapshot", "'node':'own','overlay':'over'"));
    }

    private void plugged(String name) throws IOException {
        added(name);
        done(RuleCase.command("device_add", "'driver':'scsi-hd','bus':'sc0.0','id':'new','drive':'" + name + "'"));
    }

    private void saved() throws IOException {
        Path file = host.path("saved");
        Files.deleteIfExists(file);
        done(RuleCase.command("migrate", "'uri':'file:" + file + "'"));
        eventually("the migration is over", () -> asked("query-migrate").matches(".*(completed|failed).*"));
        assertThat(asked("query-migrate")).contains("completed");
    }

    private void goesOn() throws IOException {
        done("{'execute':'cont'}");
        assertThat(asked("query-status")).contains("running");
    }

    /** The image can be written: its device does it, or the next snapshot's header would. */
    private void isWritten(String node) throws IOException {
        done(RuleCase.command("blockdev-snapshot-internal-sync", "'device':'" + node + "','name':'now'"));
        done(RuleCase.command("blockdev-snapshot-delete-internal-sync", "'device':'" + node + "','name':'now'"));
    }

    @Test
    void a_vm_is_saved_after_a_snapshot_and_goes_on() throws IOException {
        snapshot();

        saved();
        goesOn();
        isWritten("over");
    }

    @Test
    void a_vm_with_a_disk_that_joined_is_saved_twice_and_goes_on() throws IOException {
        plugged("extra");

        saved();
        goesOn();
        saved();
        goesOn();
        isWritten("extra");
    }

    @Test
    void nodes_are_set_inactive_and_active_by_a_client() throws IOException {
        plugged("extra");
        done("{'execute':'stop'}");

        done(RuleCase.command("blockdev-set-active", "'active':false"));
        done(RuleCase.command("blockdev-set-active", "'active':true"));
        goesOn();
        isWritten("extra");
    }

    @Test
    void one_node_is_set_inactive_and_active() throws IOException {
        added("extra");

        done(RuleCase.command("blockdev-set-active", "'active':false,'node-name':'extra'"));
        done(RuleCase.command("blockdev-set-active", "'active':true,'node-name':'extra'"));
        isWritten("extra");
    }
}

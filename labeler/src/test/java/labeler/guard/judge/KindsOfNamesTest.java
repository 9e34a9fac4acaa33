package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drives, devices and nodes: a client may give one the name of another, and qemu keeps devices apart. */
class KindsOfNamesTest {
    private final FollowedHost host;

    @AutoClose("closeWithHost")
    private final JudgedQemu vm;

    /** The drive drive0, with the device vd0, is top on base. The node n is high on low. */
    KindsOfNamesTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        vm = JudgedQemu.withDrive(host, root, List.of(), "base", "top");
        JudgedQemu.make(host, "low", "");
        JudgedQemu.make(host, "high", "low");
    }

    private void node(String name) throws IOException {
        vm.done(command(
                "blockdev-add",
                "'driver':'qcow2','node-name':'" + name + "','file':{'driver':'file','filename':'" + host.path("high")
                        + "'},'backing':{'driver':'qcow2','node-name':'low','read-only':true,"
                        + "'file':{'driver':'file','read-only':true,'filename':'" + host.path("low") + "'}}"));
    }

    @Test
    void a_device_with_the_name_of_a_drive_is_not_that_drive() throws IOException {
        host.start("two", host.image("base", ImageFormat.QCOW2, Access.READ_ONLY));
        node("n");
        vm.done(command("device_add", "'driver':'virtio-blk-pci','bus':'gate','id':'drive0','drive':'n'"));

        assertThat(vm.refused(command("block-commit", "'job-id':'j','device':'drive0'")))
                .startsWith("labeler S2: ")
                .contains("two");
        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
    }

    @Test
    void a_node_with_the_name_of_a_device_is_not_that_device() throws IOException {
        node("vd0");

        assertThat(vm.refused(command("qom-set", "'path':'/machine/peripheral/vd0','property':'drive','value':'vd0'")))
                .startsWith("labeler C4: ");
        assertThat(vm.refused(command("qom-set", "'path':'vd0','property':'drive','value':'vd0'")))
                .startsWith("labeler C4: ");
    }

    /** qemu looks for jobs' disks among drives and nodes alone. */
    @Test
    void a_device_is_no_disk_of_a_job() throws IOException {
        assertThat(vm.refused(command("block-stream", "'job-id':'j','device':'vd0'")))
                .startsWith("Cannot find device='vd0'");
    }

    /** If both are given, the drive counts. */
    @Test
    void a_snapshot_is_of_the_drive_before_the_node() throws IOException {
        node("n");
        String first = "{'type':'blockdev-snapshot-sync','data':{'device':'drive0','format':'qcow2',"
                + "'snapshot-node-name':'one','snapshot-file':'" + host.path("one") + "'}}";
        String second = "{'type':'blockdev-snapshot-sync','data':{'device':'drive0','node-name':'n','format':'qcow2',"
                + "'snapshot-node-name':'two','snapshot-file':'" + host.path("two") + "'}}";

        assertThat(vm.refused(command("transaction", "'actions':[" + first + "," + second + "]")))
                .startsWith("labeler C7: ");
        vm.done(command("transaction", "'actions':[" + second + "]"));
        assertThat(host.label("top")).isEqualTo(FollowedHost.CONTENT);
        assertThat(host.label("high")).isEqualTo(vm.image());
    }

    /** It lies on what the drive has by then. */
    @Test
    void a_copy_of_a_drive_after_its_snapshot_in_one_transaction_is_refused() throws IOException {
        String snapshot = "{'type':'blockdev-snapshot-sync','data':{'node-name':'root','format':'qcow2',"
                + "'snapshot-node-name':'one','snapshot-file':'" + host.path("one") + "'}}";
        String copy = "{'type':'drive-backup','data':{'device':'drive0','sync':'top','format':'qcow2','target':'"
                + host.path("two") + "'}}";

        assertThat(vm.refused(command("transaction", "'actions':[" + snapshot + "," + copy + "]")))
                .startsWith("labeler C7: ");
    }
}

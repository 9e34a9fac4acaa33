package labeler.guard.judge;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import labeler.disk.Commit;
import labeler.disk.LayerName;
import labeler.disk.Mirror;
import labeler.disk.Snapshot;
import labeler.disk.StreamIn;
import labeler.journal.DiskRecord;
import labeler.journal.FileHold;
import labeler.lifecycle.DetachOutcome;
import labeler.lifecycle.DetachRequest;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.StartRequest;
import labeler.problem.Problem;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

/** A disk that joined a guarded VM stays one disk, whatever jobs and snapshots put below its device. */
class JoinedDisksTest extends JoinedDiskHostTest {
    /** In the header of qcow2: where the name of the backing file is, and how long it is. */
    private static final int BACKING_OFFSET = 8;

    private static final int BACKING_SIZE = 16;

    @Test
    void a_disk_that_nothing_has_changed_leaves() throws IOException {
        joined();

        assertLeaves("top", "base");
    }

    @Test
    void a_disk_leaves_from_its_new_image() throws IOException {
        joined();
        done(new Mirror(host.path("copy").toString(), "qcow2", true, 0));
        free("top", "base");

        assertLeaves("copy");
    }

    /** Behind Landlock qemu has a disk that joins by descriptors. */
    @Test
    void a_disk_that_was_handed_over_leaves_from_its_new_image_and_from_its_overlay() throws IOException {
        end();
        begin(Files.createDirectories(root.resolve("second")), StartRequest.Launch.RUN);
        joined();
        assertThat(asked("query-named-block-nodes")).contains("/dev/fdset/");
        done(new Mirror(host.path("copy").toString(), "qcow2", true, 0));
        free("top", "base");
        assertLeaves("copy");
        done(new Snapshot(host.path("over").toString(), "qcow2"));

        assertLeaves("over", "top", "base");
    }

    @Test
    void a_disk_leaves_when_all_is_in_its_base() throws IOException {
        joined();
        done(new Commit(Optional.empty(), Optional.empty(), 0));
        free("top");

        assertLeaves("base");
    }

    @Test
    void a_disk_leaves_from_its_overlay() throws IOException {
        joined();
        done(new Snapshot(host.path("over").toString(), "qcow2"));

        assertLeaves("over", "top", "base");
    }

    @Test
    void what_a_snapshot_took_and_a_commit_brought_back_is_no_use_by_something_else() throws IOException {
        joined();
        done(new Snapshot(host.path("over").toString(), "qcow2"));
        String top = host.path("top").toString();
        done(new Commit(Optional.of(new LayerName(top, top)), Optional.empty(), 0));
        eventually("the overlay is free", () -> host.label("over").equals("none"));

        assertLeaves("top", "base");
    }

    @Test
    void what_a_stream_has_taken_from_a_disk_is_given_back() throws IOException {
        joined();
        done(new StreamIn(Optional.empty(), 0));
        free("base");

        assertLeaves("top");
    }

    /** As a client does it that makes each node by itself. */
    @Test
    void a_node_of_a_clients_own_leaves_with_the_disk_that_it_became_the_overlay_of() throws IOException {
        joined();
        onNode("n1", "mine");

        assertLeaves("mine", "top", "base");
    }

    /** As after a detach that was given up: the guest lets go of the device, or an export ends, only later. */
    @Test
    void a_node_of_a_clients_own_leaves_with_its_disk_also_when_the_device_has_left_before() throws IOException {
        joined();
        onNode("n1", "mine");
        deviceLeaves();

        assertLeaves("mine", "top", "base");
    }

    @Test
    void a_disk_whose_device_has_left_stays_while_something_uses_what_stands_on_it() throws IOException {
        joined();
        onNode("n1", "mine");
        deviceLeaves();
        done("{'execute':'device_add','arguments':{'driver':'scsi-hd','drive':'mine','id':'s2','bus':'sc0.0'}}");

        assertThat(host.lifecycle().detach(new DetachRequest(ONE, "s1", Optional.empty())))
                .get()
                .isInstanceOf(DetachOutcome.NotDetached.class);
        assertThat(asked("query-named-block-nodes"))
                .contains(host.path("mine").toString(), host.path("top").toString());
    }

    private void onNode(String node, String name) throws IOException {
        JudgedQemu.make(host, name, "");
        done("{'execute':'blockdev-add','arguments':{'driver':'qcow2','node-name':'" + name + "','backing':null,'file':"
                + "{'driver':'file','filename':'" + host.path(name) + "'}}}");
        done("{'execute':'blockdev-snapshot','arguments':{'node':'" + node + "','overlay':'" + name + "'}}");
    }

    private void deviceLeaves() throws IOException {
        done("{'execute':'device_del','arguments':{'id':'s1'}}");
        // The guest's end of it is freed a little after the device has gone.
        eventually(
                "the VM's own disk alone has a user",
                () -> asked("x-debug-query-block-graph").split("block-backend", -1).length == 2);
    }

    @Test
    void what_a_client_takes_from_qemu_by_itself_is_given_back_and_the_disk_is_none_any_more() throws IOException {
        joined();
        done("{'execute':'device_del','arguments':{'id':'s1'}}");
        // The guest's end of it is freed a little after the device has gone.
        eventually("the node is gone", () -> isDone("{'execute':'blockdev-del','arguments':{'node-name':'n1'}}"));
        free("top", "base");

        assertThat(detach().files()).isEmpty();
        joined();
    }

    @Test
    void a_disk_leaves_the_next_service_too() throws IOException {
        joined();
        done(new Mirror(host.path("copy").toString(), "qcow2", true, 0));
        free("top", "base");
        host.restart();

        assertLeaves("copy");
    }

    /** As one that was attached before that was put on record, or whose attach did not hear of qemu's answer. */
    @Test
    void a_disk_of_which_it_is_not_on_record_that_it_joined_is_seen_by_its_device() throws IOException {
        joined();
        DiskRecord disk = disk();
        host.journal().recordJoined(ONE, new DiskRecord(disk.name(), disk.device(), disk.nodes(), disk.monitor()));
        host.restart();
        done(new Snapshot(host.path("over").toString(), "qcow2"));
        eventually(
                () -> "the lower image is only read: " + host.holds("one"),
                () -> host.holds("one").stream()
                        .noneMatch(hold -> hold.path().equals(host.hostPath("top")) && hold.isWriting()));
        done(new Mirror(host.path("copy").toString(), "qcow2", true, 0));
        free("top", "base");

        assertThat(disk().hasJoined()).isTrue();
        assertLeaves("copy");
    }

    private DiskRecord disk() throws IOException {
        return host.journal().load().vms().stream()
                .flatMap(vm -> vm.disk("s1").stream())
                .findFirst()
                .orElseThrow();
    }

    /** The guard looks at the header as well, when the VM writes it no more. */
    @Test
    void what_the_guest_wrote_into_a_header_is_said_when_its_disk_leaves() throws IOException {
        joined();
        ByteBuffer name = ByteBuffer.wrap(host.path("own").toString().getBytes(StandardCharsets.UTF_8));
        try (FileChannel image =
                FileChannel.open(host.path("top"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer header = ByteBuffer.allocate(BACKING_SIZE + Integer.BYTES);
            image.read(header, 0);
            image.write(name.duplicate(), header.getLong(BACKING_OFFSET));
            image.write(ByteBuffer.allocate(Integer.BYTES).putInt(0, name.remaining()), BACKING_SIZE);
        }

        assertThat(detach().problems())
                .extracting(problem -> problem.kind(), problem -> problem.file())
                .containsExactly(Tuple.tuple(Problem.Kind.NEW_REFERENCE, Optional.of(host.hostPath("top"))));
    }

    /** No node tells of the socket, and qemu connects again when the server has gone away for a while. */
    @Test
    void the_socket_of_a_disks_server_is_the_vms_until_the_disk_leaves() throws IOException {
        Path socket = host.path("socket");
        Process server = new ProcessBuilder(
                        "qemu-nbd",
                        "--persistent",
                        "--shared=0",
                        "--format=raw",
                        "--socket=" + socket,
                        "--export-name=x",
                        host.path("base").toString())
                .inheritIO()
                .start();
        try {
            eventually("the server listens", () -> Files.exists(socket));
            String before = host.label("socket");
            joined("driver=nbd,node-name=n1,export=x,server.type=unix,server.path=" + socket);
            String during = host.label("socket");
            assertThat(during).isNotEqualTo(before);
            looked();

            assertThat(host.label("socket")).isEqualTo(during);
            assertThat(host.holds("one")).extracting(FileHold::path).contains(host.hostPath("socket"));
            assertThat(detach().files())
                    .extracting(FileReport::path, FileReport::outcome)
                    .containsExactly(Tuple.tuple(host.hostPath("socket"), FileReport.Outcome.REVERTED));
        } finally {
            server.destroy();
        }
    }

    /** Has the guard look at qemu: it takes back what another node has left. */
    private void looked() throws IOException {
        JudgedQemu.make(host, "other", "");
        done("{'execute':'blockdev-add','arguments':{'driver':'qcow2','node-name':'other','file':"
                + "{'driver':'file','filename':'" + host.path("other") + "'}}}");
        done("{'execute':'blockdev-del','arguments':{'node-name':'other'}}");
        free("other");
    }
}

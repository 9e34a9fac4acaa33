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
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import labeler.disk.Commit;
import labeler.disk.DiskSession;
import labeler.disk.LayerName;
import labeler.disk.Mirror;
import labeler.disk.Names;
import labeler.disk.Operation;
import labeler.disk.Outcome;
import labeler.disk.Snapshot;
import labeler.disk.StreamIn;
import labeler.guard.QmpClient;
import labeler.guard.RealQemu;
import labeler.journal.FileHold;
import labeler.lifecycle.AttachOutcome;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.DetachOutcome;
import labeler.lifecycle.DetachRequest;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.GuardOutcome;
import labeler.lifecycle.GuardRequest;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.follow.FollowedHost;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.problem.Problem;
import labeler.qmp.MonitorClient;
import labeler.vm.VmName;
import labeler.vm.qemu.hotplug.HotplugArguments;
import labeler.vm.qemu.hotplug.HotplugDisk;
import labeler.vm.qemu.option.QemuCommandLine;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that joined a guarded VM stays one disk, whatever jobs and snapshots put below its device. */
@Timeout(300)
class JoinedDisksTest {
    private static final VmName ONE = new VmName("one");

    /** In the header of qcow2: where the name of the backing file is, and how long it is. */
    private static final int BACKING_OFFSET = 8;

    private static final int BACKING_SIZE = 16;
    private static final StartRequest.Owner ROOT = new StartRequest.Owner(0, 0);

    @TempDir
    Path root;

    private FollowedHost host;
    private RealQemu qemu;
    private HostPath monitor;

    @SuppressWarnings("NullAway.Init") // set before each test
    JoinedDisksTest() {}

    @BeforeEach
    void aGuardedVm() throws IOException {
        begin(root, StartRequest.Launch.ELSEWHERE);
    }

    private void begin(Path place, StartRequest.Launch launch) throws IOException {
        host = new FollowedHost(place);
        JudgedQemu.make(host, "own", "");
        JudgedQemu.make(host, "base", "");
        JudgedQemu.make(host, "top", "base");
        List<String> arguments = JudgedQemu.arguments(
                List.of("{\"driver\":\"qcow2\",\"node-name\":\"own\",\"file\":{\"driver\":\"file\",\"filename\":\""
                        + host.path("own") + "\"}}"),
                List.of("virtio-blk-pci,drive=own,id=vd0", "virtio-scsi-pci,id=sc0"));
        Path directory = Files.createDirectories(place.resolve("qemu"));
        qemu = new RealQemu(directory, arguments);
        qemu.client(qemu.monitor()).close();
        monitor = HostPath.of(qemu.monitor());
        QemuCommandLine line = QemuCommandLine.read(
                Stream.concat(Stream.of("qemu-system-x86_64"), arguments.stream())
                        .map(word -> word.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                HostPath.of(directory));
        String _ = host.start(new StartRequest(
                ONE,
                line.definition(),
                launch == StartRequest.Launch.ELSEWHERE ? Optional.of(line) : Optional.empty(),
                Optional.empty(),
                Optional.of(new Pid(Math.toIntExact(qemu.process().pid()))),
                ROOT,
                launch));
        assertThat(host.lifecycle().guard(new GuardRequest(ONE, monitor, ROOT)).orElseThrow())
                .isInstanceOf(GuardOutcome.Guarded.class);
    }

    @AfterEach
    void end() throws IOException {
        qemu.close();
        host.close();
    }

    private AttachOutcome attach(String node, String device) {
        HotplugArguments options = new HotplugArguments(List.of(node), Optional.of(device));
        return switch (HotplugDisk.read(options)) {
            case HotplugDisk.Understood(HotplugDisk disk) ->
                host.lifecycle()
                        .attach(new AttachRequest(ONE, disk, Optional.of(monitor), ROOT))
                        .orElseThrow();
            case HotplugDisk.NotUnderstood(String message) -> throw new AssertionError(message);
        };
    }

    private void joined() {
        joined("driver=qcow2,node-name=n1,file.driver=file,file.filename=" + host.path("top"));
    }

    private void joined(String node) {
        assertThat(attach(node, "scsi-hd,drive=n1,id=s1,bus=sc0.0")).isInstanceOf(AttachOutcome.Attached.class);
    }

    private VmReport detach() {
        return switch (host.lifecycle()
                .detach(new DetachRequest(ONE, "s1", Optional.empty()))
                .orElseThrow()) {
            case DetachOutcome.Detached(VmReport report) -> report;
            case DetachOutcome.NotDetached(var problems) -> throw new AssertionError(problems);
        };
    }

    private void done(Operation operation) {
        try (MonitorClient client = ((MonitorClient.Open) MonitorClient.open(monitor)).monitor()) {
            Outcome outcome = new DiskSession(client, () -> false, _ -> {}, _ -> {})
                    .run(operation, "s1", Names.random(new Random()), true);
            assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Outcome.Kind.DONE);
        }
    }

    private void done(String command) throws IOException {
        try (QmpClient client = new QmpClient(qemu.monitor()).negotiated()) {
            var _ = client.done(command);
        }
    }

    private boolean isDone(String command) throws IOException {
        try (QmpClient client = new QmpClient(qemu.monitor()).negotiated()) {
            return client.ask(command).get("return").isPresent();
        }
    }

    private String asked(String question) throws IOException {
        try (QmpClient client = qemu.client(qemu.otherMonitor()).negotiated()) {
            return client.done("{'execute':'" + question + "'}").toString();
        }
    }

    private void free(String... names) {
        for (String name : names) {
            eventually(
                    () -> name + ": " + host.label(name) + ", " + host.holds("one"),
                    () -> host.label(name).equals(FollowedHost.HOME)
                            && host.holds("one").stream()
                                    .noneMatch(hold -> hold.path().equals(host.hostPath(name))));
        }
    }

    /** Checks that a detach takes all of the disk from the guest, and says so of each file that was still held. */
    private void assertLeaves(String... held) throws IOException {
        VmReport report = detach();

        assertThat(asked("query-block")).doesNotContain("peripheral/s1");
        assertThat(asked("query-named-block-nodes"))
                .doesNotContain(host.path("top").toString())
                .contains(host.path("own").toString());
        assertThat(report.problems()).isEmpty();
        assertThat(report.files())
                .allSatisfy(file -> assertThat(file.outcome()).isEqualTo(FileReport.Outcome.REVERTED))
                .extracting(file -> file.path().jdkPath().getFileName().toString())
                .containsExactlyInAnyOrder(held);
        assertThat(host.holds("one")).allSatisfy(hold -> assertThat(hold.path()).isEqualTo(host.hostPath("own")));
        joined();
    }

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

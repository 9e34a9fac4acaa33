package labeler.guard.judge;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import labeler.disk.DiskSession;
import labeler.disk.Names;
import labeler.disk.Operation;
import labeler.disk.Outcome;
import labeler.guard.QmpClient;
import labeler.guard.RealQemu;
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
import labeler.qmp.MonitorClient;
import labeler.vm.VmName;
import labeler.vm.qemu.hotplug.HotplugArguments;
import labeler.vm.qemu.hotplug.HotplugDisk;
import labeler.vm.qemu.option.QemuCommandLine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guarded VM whose disks join and leave while it runs. */
@Timeout(300)
abstract class JoinedDiskHostTest {
    static final VmName ONE = new VmName("one");

    private static final StartRequest.Owner ROOT = new StartRequest.Owner(0, 0);

    @TempDir
    Path root;

    FollowedHost host;
    private RealQemu qemu;
    private HostPath monitor;

    @SuppressWarnings("NullAway.Init") // set before each test
    JoinedDiskHostTest() {}

    @BeforeEach
    @SuppressWarnings("NullAway.Init") // begin sets the fields
    void aGuardedVm() throws IOException {
        begin(root, StartRequest.Launch.ELSEWHERE);
    }

    void begin(Path place, StartRequest.Launch launch) throws IOException {
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

    AttachOutcome attach(String node, String device) {
        HotplugArguments options = new HotplugArguments(List.of(node), Optional.of(device));
        return switch (HotplugDisk.read(options)) {
            case HotplugDisk.Understood(HotplugDisk disk) ->
                host.lifecycle()
                        .attach(new AttachRequest(ONE, disk, Optional.of(monitor), ROOT))
                        .orElseThrow();
            case HotplugDisk.NotUnderstood(String message) -> throw new AssertionError(message);
        };
    }

    void joined() {
        joined("driver=qcow2,node-name=n1,file.driver=file,file.filename=" + host.path("top"));
    }

    void joined(String node) {
        assertThat(attach(node, "scsi-hd,drive=n1,id=s1,bus=sc0.0")).isInstanceOf(AttachOutcome.Attached.class);
    }

    VmReport detach() {
        return switch (host.lifecycle()
                .detach(new DetachRequest(ONE, "s1", Optional.empty()))
                .orElseThrow()) {
            case DetachOutcome.Detached(VmReport report) -> report;
            case DetachOutcome.NotDetached(var problems) -> throw new AssertionError(problems);
        };
    }

    void done(Operation operation) {
        try (MonitorClient client = ((MonitorClient.Open) MonitorClient.open(monitor)).monitor()) {
            Outcome outcome = new DiskSession(client, () -> false, _ -> {}, _ -> {})
                    .run(operation, "s1", Names.random(new Random()), true);
            assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Outcome.Kind.DONE);
        }
    }

    void done(String command) throws IOException {
        try (QmpClient client = new QmpClient(qemu.monitor()).negotiated()) {
            var _ = client.done(command);
        }
    }

    boolean isDone(String command) throws IOException {
        try (QmpClient client = new QmpClient(qemu.monitor()).negotiated()) {
            return client.ask(command).get("return").isPresent();
        }
    }

    String asked(String question) throws IOException {
        try (QmpClient client = qemu.client(qemu.otherMonitor()).negotiated()) {
            return client.done("{'execute':'" + question + "'}").toString();
        }
    }

    void free(String... names) {
        for (String name : names) {
            eventually(
                    () -> name + ": " + host.label(name) + ", " + host.holds("one"),
                    () -> host.label(name).equals(FollowedHost.HOME)
                            && host.holds("one").stream()
                                    .noneMatch(hold -> hold.path().equals(host.hostPath(name))));
        }
    }

    /** Checks that a detach takes all of the disk from the guest, and says so of each file that was still held. */
    void assertLeaves(String... held) throws IOException {
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
}

package labeler.guard.judge;

import static labeler.guard.record.Outcome.FAILED_IN_QEMU;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import labeler.disk.Backup;
import labeler.disk.Commit;
import labeler.disk.DiskSession;
import labeler.disk.Eject;
import labeler.disk.Insert;
import labeler.disk.LayerName;
import labeler.disk.Mirror;
import labeler.disk.Names;
import labeler.disk.Operation;
import labeler.disk.Outcome;
import labeler.disk.Outcome.Kind;
import labeler.disk.Snapshot;
import labeler.disk.StreamIn;
import labeler.lifecycle.follow.FollowedHost;
import labeler.linux.HostPath;
import labeler.qmp.MonitorClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The words of {@code labeler disk} before the judge: each passes, and the labels follow the disk. */
@Timeout(300)
class DiskVerbsTest {
    private final Path root;
    private FollowedHost host;

    @AutoClose("closeWithHost")
    private JudgedQemu vm;

    /** The disk vd0 is top, on middle, on base. */
    DiskVerbsTest(@TempDir Path root) throws IOException {
        this.root = root;
        host = new FollowedHost(root);
        vm = JudgedQemu.withChain(host, root, "base", "middle", "top");
    }

    private Outcome run(Operation operation, String disk) {
        HostPath socket = HostPath.of(vm.relayed().guarded());
        try (MonitorClient monitor = ((MonitorClient.Open) MonitorClient.open(socket)).monitor()) {
            return new DiskSession(monitor, () -> false, _ -> {}, _ -> {})
                    .run(operation, disk, Names.random(new Random()), true);
        }
    }

    private void done(Operation operation) {
        Outcome outcome = run(operation, "vd0");
        assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Kind.DONE);
        assertThat(outcome.unused()).isEmpty();
        assertThat(vm.entries()).noneMatch(entry -> entry.result().outcome().equals(Optional.of(FAILED_IN_QEMU)));
    }

    private String path(String name) {
        return host.path(name).toString();
    }

    private Optional<LayerName> named(String name) {
        return Optional.of(new LayerName(name, name));
    }

    /** Waits for the labels: a release is settled a moment after its event. */
    private void labels(String label, String... names) {
        for (String name : names) {
            vm.until(() -> host.label(name).equals(label));
        }
    }

    @Test
    void a_snapshot_takes_the_label_of_the_disk_with_it() {
        done(new Snapshot(path("new"), "qcow2"));

        labels(vm.image(), "new");
        labels(FollowedHost.CONTENT, "top", "middle", "base");
    }

    @Test
    void a_commit_of_everything_leaves_only_the_base_labelled() {
        done(new Commit(Optional.empty(), Optional.empty(), 0));

        labels(vm.image(), "base");
        labels(FollowedHost.HOME, "top", "middle");
    }

    @Test
    void a_commit_between_gives_the_middle_back() {
        done(new Commit(named("base"), named("middle"), 0));

        labels(vm.image(), "top");
        labels(FollowedHost.CONTENT, "base");
        labels(FollowedHost.HOME, "middle");
    }

    @Test
    void a_stream_gives_everything_below_back() {
        done(new StreamIn(Optional.empty(), 0));

        labels(vm.image(), "top");
        labels(FollowedHost.HOME, "middle", "base");
    }

    /** qemu closes a file node that was written inside of another one together with that. */
    @Test
    void a_node_that_goes_with_another_is_not_asked_for() throws IOException {
        vm.closeWithHost();
        Path second = Files.createDirectories(root.resolve("second"));
        host = new FollowedHost(second);
        List<String> nodes = new ArrayList<>();
        for (String name : List.of("base", "top")) {
            String below = name.equals("top") ? "base" : "";
            JudgedQemu.make(host, name, below);
            nodes.add("{\"driver\":\"qcow2\",\"node-name\":\"" + name + "\",\"file\":{\"driver\":\"file\","
                    + "\"node-name\":\"" + name + "-file\",\"filename\":\"" + path(name) + "\"},\"backing\":"
                    + (below.isEmpty() ? "null,\"read-only\":true}" : "\"base\"}"));
        }
        vm = new JudgedQemu(host, second, nodes, List.of("virtio-blk-pci,drive=top,id=vd0"));

        done(new StreamIn(Optional.empty(), 0));

        labels(FollowedHost.HOME, "base");
    }

    @Test
    void a_disk_that_moves_takes_its_label_along() {
        done(new Mirror(path("copy"), "qcow2", true, 0));

        labels(vm.image(), "copy");
        labels(FollowedHost.HOME, "top", "middle", "base");
    }

    @Test
    void copies_are_not_the_disks_in_the_end() {
        done(new Mirror(path("copy"), "raw", false, 0));
        done(new Backup(path("backup"), "qcow2", Optional.empty(), 0));

        labels(vm.image(), "top");
        labels(FollowedHost.CONTENT, "middle", "base");
        vm.until(() -> vm.holds().stream()
                .noneMatch(hold -> hold.toString().contains(path("copy"))
                        || hold.toString().contains(path("backup"))));
    }

    @Test
    void a_refusal_has_the_rule() {
        Outcome outcome = run(new Mirror(path("base"), "qcow2", true, 0), "vd0");

        assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Kind.REFUSED);
        assertThat(outcome.message()).startsWith("labeler ");
        labels(vm.image(), "top");
    }

    @Test
    void a_medium_is_labelled_while_it_is_in_the_drive() throws IOException {
        vm.closeWithHost();
        Path second = Files.createDirectories(root.resolve("second"));
        host = new FollowedHost(second);
        JudgedQemu.make(host, "disk", "");
        JudgedQemu.make(host, "disc", "");
        vm = new JudgedQemu(
                host,
                second,
                List.of("{\"driver\":\"qcow2\",\"node-name\":\"disk\",\"file\":{\"driver\":\"file\",\"filename\":\""
                        + path("disk") + "\"}}"),
                List.of("virtio-blk-pci,drive=disk,id=vd0", "ide-cd,id=cd0"));

        Outcome inserted = run(new Insert(path("disc"), "qcow2", false), "cd0");
        assertThat(inserted.kind()).as("%s", inserted).isEqualTo(Kind.DONE);
        labels(FollowedHost.CONTENT, "disc");

        assertThat(run(new Eject(false), "cd0").kind()).isEqualTo(Kind.DONE);
        labels(FollowedHost.HOME, "disc");
    }
}

package labeler.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import labeler.disk.Outcome.Kind;
import labeler.guard.QmpClient;
import labeler.guard.RealQemu;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import labeler.qmp.MonitorClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each operation on a disk of a real qemu: done, cancelled, failed, and with qemu killed meanwhile. */
@Timeout(300)
class DiskSessionTest {
    private static final String DISK = "vd0";

    /** So slow that a job does not end before it is cancelled. */
    private static final long SLOW = 1024;

    private final Random random = new Random();
    private final List<String> jobs = new ArrayList<>();
    private final TestImages images;
    private final RealQemu qemu;
    private final QmpClient other;
    private final MonitorClient monitor;
    private boolean isInterrupted;

    /** Something that happens at the first report of progress. */
    private Consumer<Progress> atReport = _ -> {};

    DiskSessionTest(@TempDir Path directory) throws IOException {
        images = TestImages.made(directory);
        qemu = new RealQemu(directory, options());
        other = qemu.client(qemu.otherMonitor()).negotiated();
        monitor = ((MonitorClient.Open) MonitorClient.open(HostPath.of(qemu.monitor()))).monitor();
    }

    private List<String> options() {
        return List.of(
                "-M",
                "q35",
                "-blockdev",
                "driver=qcow2,node-name=top,file.driver=file,file.node-name=file0,file.filename=" + images.path("top"),
                "-device",
                "virtio-blk-pci,drive=top,id=" + DISK,
                "-device",
                "ide-cd,id=cd0");
    }

    @AfterEach
    void end() throws IOException {
        monitor.close();
        other.close();
        qemu.close();
    }

    private Outcome run(Operation operation, String disk) {
        DiskSession session =
                new DiskSession(monitor, () -> isInterrupted, progress -> atReport.accept(progress), jobs::add);
        return session.run(operation, disk, Names.random(random), true);
    }

    private Outcome done(Operation operation) {
        Outcome outcome = run(operation, DISK);
        assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Kind.DONE);
        return outcome;
    }

    private List<String> files(Outcome outcome) {
        return outcome.drive().orElseThrow().chain().stream()
                .map(layer -> Path.of(layer.file()).getFileName().toString())
                .toList();
    }

    /** The names of all nodes that are not qemu's own. */
    private List<String> nodes() throws IOException {
        return objects("{\"execute\":\"query-named-block-nodes\",\"arguments\":{\"flat\":true}}").stream()
                .map(node -> node.text("node-name").orElse(""))
                .filter(name -> !name.startsWith("#"))
                .toList();
    }

    private List<JsonObject> objects(String command) throws IOException {
        return ((JsonArray) other.done(command))
                .elements().stream().map(JsonObject.class::cast).toList();
    }

    private void assertNothingLeft() throws IOException {
        assertThat(objects("{\"execute\":\"query-jobs\"}")).isEmpty();
    }

    private LayerName named(String image) {
        return new LayerName(image, images.path(image));
    }

    private void closed() {
        qemu.close();
    }

    @Test
    void a_snapshot_takes_the_writes_and_leaves_the_image_below() {
        Outcome outcome = done(new Snapshot(images.path("new"), "qcow2"));

        assertThat(files(outcome)).containsExactly("new", "top", "base");
        assertThat(TestImages.run("qemu-img", "info", "-U", images.path("new")))
                .contains("backing file: " + images.path("top"), "backing file format: qcow2");
        closed();
        images.assertAsBefore("new", "qcow2");
    }

    @Test
    void a_commit_of_everything_makes_the_base_the_disk_and_releases_the_rest() throws IOException {
        Outcome outcome = done(new Commit(Optional.empty(), Optional.empty(), 0));

        assertThat(files(outcome)).containsExactly("base");
        assertThat(outcome.unused()).isEmpty();
        assertThat(nodes()).as("top and its file are released").isEmpty();
        assertNothingLeft();
        closed();
        images.assertAsBefore("base", "qcow2");
    }

    @Test
    void a_commit_between_leaves_the_disk_its_own_image() throws IOException {
        done(new Snapshot(images.path("new"), "qcow2"));

        Outcome outcome = done(new Commit(Optional.of(named("base")), Optional.of(named("top")), 0));

        assertThat(files(outcome)).containsExactly("new", "base");
        assertThat(nodes()).hasSize(1);
        closed();
        images.assertAsBefore("new", "qcow2");
    }

    @Test
    void a_stream_makes_the_disk_one_image() throws IOException {
        Outcome outcome = done(new StreamIn(Optional.empty(), 0));

        assertThat(files(outcome)).containsExactly("top");
        assertNothingLeft();
        closed();
        images.assertAsBefore("top", "qcow2");
    }

    @Test
    void a_stream_down_to_a_base_leaves_that() {
        done(new Snapshot(images.path("new"), "qcow2"));

        Outcome outcome = done(new StreamIn(Optional.of(named("base")), 0));

        assertThat(files(outcome)).containsExactly("new", "base");
        closed();
        images.assertAsBefore("new", "qcow2");
    }

    @Test
    void a_mirror_is_the_disk_afterwards_and_the_old_images_are_released() throws IOException {
        Outcome outcome = done(new Mirror(images.path("copy"), "qcow2", true, 0));

        assertThat(files(outcome)).containsExactly("copy");
        assertThat(nodes()).singleElement().satisfies(node -> assertThat(node).startsWith("disk-"));
        assertNothingLeft();
        closed();
        images.assertAsBefore("copy", "qcow2");
    }

    @Test
    void a_mirror_without_pivot_is_a_copy_and_its_nodes_go() throws IOException {
        Outcome outcome = done(new Mirror(images.path("copy"), "raw", false, 0));

        assertThat(files(outcome)).containsExactly("top", "base");
        assertThat(nodes()).containsExactlyInAnyOrder("top", "file0");
        assertNothingLeft();
        closed();
        images.assertAsBefore("copy", "raw");
    }

    @Test
    void a_backup_is_a_copy() throws IOException {
        Outcome outcome = done(new Backup(images.path("copy"), "qcow2", Optional.empty(), 0));

        assertThat(files(outcome)).containsExactly("top", "base");
        assertNothingLeft();
        closed();
        images.assertAsBefore("copy", "qcow2");
    }

    @Test
    void an_incremental_backup_has_what_the_bitmap_has_marked() throws IOException {
        other.done("{\"execute\":\"block-dirty-bitmap-add\",\"arguments\":{\"node\":\"top\",\"name\":\"b\"}}");
        other.done("{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":"
                + "\"qemu-io -d /machine/peripheral/vd0/virtio-backend \\\"write -P 33 8M 1M\\\"\"}}");

        done(new Backup(images.path("copy"), "qcow2", Optional.of("b"), 0));

        closed();
        assertThat(TestImages.run("qemu-io", "-f", "qcow2", "-c", "read -P 33 8M 1M", images.path("copy")))
                .doesNotContain("failed");
        assertThat(TestImages.run("qemu-img", "map", "--output=json", "-f", "qcow2", images.path("copy")))
                .contains("\"data\": true")
                .contains("\"start\": 9437184");
    }

    @Test
    void a_medium_is_inserted_and_ejected() throws IOException {
        TestImages.run("qemu-img", "create", "-q", "-f", "raw", images.path("disc"), "1M");

        Outcome inserted = run(new Insert(images.path("disc"), "raw", false), "cd0");
        assertThat(inserted.kind()).as("%s", inserted).isEqualTo(Kind.DONE);
        assertThat(files(inserted)).containsExactly("disc");
        assertThat(objects("{\"execute\":\"query-block\"}").stream()
                        .filter(drive -> drive.text("qdev").equals(Optional.of("cd0")))
                        .map(drive -> ((JsonObject) drive.get("inserted").orElseThrow()).get("ro")))
                .containsExactly(Optional.of(Json.of(true)));

        Outcome ejected = run(new Eject(false), "cd0");
        assertThat(ejected.kind()).as("%s", ejected).isEqualTo(Kind.DONE);
        assertThat(ejected.drive().orElseThrow().node()).isEmpty();
        assertThat(run(new Eject(false), "cd0").message()).contains("has no medium");
    }

    static Stream<Operation> slowOnes() {
        return Stream.of(
                new Commit(Optional.empty(), Optional.empty(), SLOW),
                new StreamIn(Optional.empty(), SLOW),
                new Mirror("copy", "qcow2", true, SLOW),
                new Mirror("copy", "qcow2", false, SLOW),
                new Backup("copy", "qcow2", Optional.empty(), SLOW));
    }

    /** The same, with a file in this directory. */
    private Operation here(Operation operation) {
        return switch (operation) {
            case Mirror(String file, String format, boolean isPivot, long speed) ->
                new Mirror(images.path(file), format, isPivot, speed);
            case Backup(String file, String format, Optional<String> bitmap, long speed) ->
                new Backup(images.path(file), format, bitmap, speed);
            case Snapshot _, Commit _, StreamIn _, Insert _, Eject _ -> operation;
        };
    }

    @ParameterizedTest
    @MethodSource("slowOnes")
    void a_cancelled_job_leaves_the_disk_as_before(Operation operation) throws IOException {
        atReport = _ -> isInterrupted = true;

        Outcome outcome = run(here(operation), DISK);

        assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Kind.CANCELLED);
        assertThat(outcome.message()).startsWith("cancelled; the disk is as before");
        assertThat(files(outcome)).containsExactly("top", "base");
        assertThat(nodes()).containsExactlyInAnyOrder("top", "file0");
        assertNothingLeft();
        closed();
        images.assertAsBefore("top", "qcow2");
    }

    @ParameterizedTest
    @MethodSource("slowOnes")
    void a_killed_qemu_leaves_nobody_waiting(Operation operation) {
        atReport = _ -> qemu.process().destroyForcibly();

        Outcome outcome = run(here(operation), DISK);

        assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Kind.UNKNOWN);
        assertThat(outcome.message()).contains(jobs.getFirst()).contains("query-jobs");
        closed();
        images.assertAsBefore("top", "qcow2");
    }

    @Test
    void the_error_of_qemu_is_the_message() {
        Outcome outcome = run(new Mirror("/nonexistent/copy", "qcow2", true, 0), DISK);

        assertThat(outcome.kind()).isEqualTo(Kind.FAILED);
        assertThat(outcome.message()).contains("/nonexistent/copy").contains("No such file");
    }

    @Test
    void a_disk_has_all_its_names_and_another_name_shows_those_that_are_there() {
        for (String name : List.of("vd0", "top", "/machine/peripheral/vd0/virtio-backend")) {
            assertThat(run(new Eject(false), name).message()).as(name).contains("not removable");
        }
        assertThat(run(new Eject(false), "vd1").message()).isEqualTo("no disk vd1; there are: vd0, cd0");
    }

    @Test
    void an_image_that_is_not_in_the_chain_is_refused_before_qemu_is_asked() {
        assertThat(run(new Commit(Optional.of(named("expected")), Optional.empty(), 0), DISK)
                        .message())
                .contains("has no image expected", images.path("top") + ", " + images.path("base"));
        assertThat(run(new Commit(Optional.of(named("top")), Optional.of(named("base")), 0), DISK)
                        .message())
                .contains("has no image below " + images.path("base"));
        assertThat(run(new StreamIn(Optional.of(named("base")), 0), DISK).message())
                .contains("has no image between");
        assertThat(jobs).isEmpty();
    }

    @Test
    void a_node_that_something_else_uses_is_kept_and_named() throws IOException {
        other.done(
                "{\"execute\":\"blockdev-add\",\"arguments\":{\"driver\":\"raw\",\"node-name\":\"user\",\"file\":\"file0\","
                        + "\"read-only\":true}}");

        Outcome outcome = done(new Mirror(images.path("copy"), "raw", true, 0));

        assertThat(outcome.unused()).containsExactly("file0");
        assertThat(nodes()).contains("user", "file0").doesNotContain("top");
    }

    @Test
    void nobody_waits_for_a_job_that_is_only_to_be_started() throws IOException {
        DiskSession session = new DiskSession(monitor, () -> false, _ -> {}, jobs::add);

        Outcome outcome = session.run(
                new Backup(images.path("copy"), "raw", Optional.empty(), SLOW), DISK, Names.random(random), false);

        assertThat(outcome.kind()).isEqualTo(Kind.STARTED);
        assertThat(outcome.job()).contains(jobs.getFirst());
        assertThat(objects("{\"execute\":\"query-jobs\"}")).hasSize(1);
    }
}

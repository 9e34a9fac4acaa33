package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import labeler.journal.HoldTrigger;
import labeler.json.Json.JsonObject;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs without a {@code job-id}: qemu gives them the name of the drive, whatever the client names. */
class JobNamesTest {
    private static final HoldTrigger JOB = new HoldTrigger.Job("drive0");

    private final FollowedHost host;

    @AutoClose("closeWithHost")
    private final JudgedQemu vm;

    /** The drive drive0 is root (the image top), on upper, on lower, on base. The node free is only read. */
    JobNamesTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        vm = JudgedQemu.withDrive(host, root, List.of(), "base", "lower", "upper", "top");
        Files.write(host.path("free"), new byte[4 << 20]);
        vm.done(command(
                "blockdev-add",
                "'driver':'file','node-name':'free','auto-read-only':true,'filename':'" + host.path("free") + "'"));
    }

    private String commit(String device) {
        return command(
                "block-commit",
                "'device':'" + device + "','top':'" + host.path("lower") + "','base':'" + host.path("base")
                        + "','speed':1,'auto-finalize':false");
    }

    /** Has the guard look at qemu. */
    private void look() throws IOException {
        vm.done(command("object-add", "'qom-type':'iothread','id':'look'"));
        vm.done(command("object-del", "'id':'look'"));
    }

    private boolean isHeldForTheJob(String name) {
        return vm.holds().stream()
                .anyMatch(hold -> hold.path().equals(host.hostPath(name))
                        && hold.trigger().equals(JOB)
                        && hold.isWriting());
    }

    /** The name that qemu gives to the node of an image. */
    private String node(String image) throws IOException {
        return vm.client().done("{'execute':'query-named-block-nodes','arguments':{'flat':true}}").objects().stream()
                .filter(node -> node.text("drv").orElse("").equals("qcow2")
                        && node.get("image")
                                .filter(told -> told instanceof JsonObject about
                                        && about.text("filename")
                                                .orElse("")
                                                .equals(host.path(image).toString()))
                                .isPresent())
                .findFirst()
                .flatMap(node -> node.text("node-name"))
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"drive0", "root"})
    void the_overlay_of_a_commit_can_be_written_until_the_end_of_the_job(String device) throws IOException {
        vm.done(commit(device));
        look();
        assertThat(host.label("upper")).isEqualTo(vm.image());
        assertThat(host.label("base")).isEqualTo(vm.image());

        vm.done(command("block-job-set-speed", "'device':'drive0','speed':0"));
        vm.untilJob("drive0", "pending");
        vm.done(command("job-finalize", "'id':'drive0'"));
        vm.untilGone("drive0");

        assertThat(host.label("upper")).isEqualTo(FollowedHost.CONTENT);
        assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
        // The header that the job has written is known.
        vm.done(command(
                "change-backing-file",
                "'device':'drive0','image-node-name':'" + node("upper") + "','backing-file':'" + host.path("base")
                        + "'"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"blockdev-mirror", "blockdev-backup"})
    void the_target_of_a_copy_is_held_for_the_job(String copy) throws IOException {
        vm.done(command(copy, "'device':'root','target':'free','sync':'full','speed':1"));
        look();

        assertThat(isHeldForTheJob("free")).isTrue();
        vm.done(command("job-cancel", "'id':'drive0'"));
        vm.untilGone("drive0");
    }

    @Test
    void a_new_copy_is_held_for_the_job() throws IOException {
        vm.done(command(
                "drive-backup",
                "'device':'root','format':'qcow2','sync':'full','speed':1,'target':'" + host.path("new") + "'"));
        look();

        assertThat(isHeldForTheJob("new")).isTrue();
        vm.done(command("job-cancel", "'id':'drive0'"));
        vm.untilGone("drive0");
    }

    @Test
    void a_stream_has_its_drives_name() throws IOException {
        vm.done(command("block-stream", "'device':'root','auto-finalize':false"));
        vm.untilJob("drive0", "pending");
        look();

        assertThat(isHeldForTheJob("top")).isTrue();
        vm.done(command("job-finalize", "'id':'drive0'"));
        vm.untilGone("drive0");
    }

    /** By then the overlay is the drive's node. */
    @Test
    void a_job_of_an_overlay_in_one_transaction_with_its_snapshot_has_the_drives_name() throws IOException {
        vm.done(command(
                "transaction",
                "'actions':[{'type':'blockdev-snapshot-sync','data':{'device':'drive0','format':'qcow2',"
                        + "'snapshot-node-name':'overlay','snapshot-file':'" + host.path("overlay") + "'}},"
                        + "{'type':'blockdev-backup','data':{'device':'overlay','target':'free','sync':'full',"
                        + "'speed':1}}]"));
        look();

        assertThat(isHeldForTheJob("free")).isTrue();
        vm.done(command("job-cancel", "'id':'drive0'"));
        vm.untilGone("drive0");
    }

    @Test
    void a_name_of_the_clients_own_stays() throws IOException {
        vm.done(command("block-stream", "'job-id':'own','device':'root','auto-finalize':false"));
        vm.untilJob("own", "pending");
        vm.done(command("job-finalize", "'id':'own'"));
        vm.untilGone("own");
    }

    @Test
    void qemu_makes_no_job_without_a_name_of_a_node_without_a_drive() throws IOException {
        assertThat(vm.refused(command("block-stream", "'device':'" + node("upper") + "'")))
                .isEqualTo("Invalid job ID ''");
    }
}

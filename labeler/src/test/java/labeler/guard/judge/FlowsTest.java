package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.guard.record.AuditEvent;
import labeler.lifecycle.follow.FollowedHost;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operations on a chain of images: each file's label before, while and after. */
class FlowsTest {
    private final FollowedHost host;

    @AutoClose("closeWithHost")
    private final JudgedQemu vm;

    /** The disk vd0 is top, on middle, on base. */
    FlowsTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        vm = JudgedQemu.withChain(host, root, "base", "middle", "top");
    }

    private void writes(String... names) {
        for (String name : names) {
            assertThat(host.label(name)).as(name).isEqualTo(vm.image());
        }
    }

    private void reads(String... names) {
        for (String name : names) {
            assertThat(host.label(name)).as(name).isEqualTo(FollowedHost.CONTENT);
        }
    }

    /** Each of these is given back, now or by the look that follows an event. No answer waits for that one. */
    private void ownLabel(String... names) {
        for (String name : names) {
            vm.until(() -> host.label(name).equals(FollowedHost.HOME));
        }
    }

    private Path path(String name) {
        return host.path(name);
    }

    /** Adds an overlay as libvirt does: a file, a header, a node. */
    private void overlay(String name, String backing) throws IOException {
        vm.done("{'execute':'blockdev-create','arguments':{'job-id':'make','options':{'driver':'file','filename':'"
                + path(name) + "','size':0}}}");
        vm.untilJob("make", "concluded");
        writes(name);
        vm.dismissed("make");
        vm.done("{'execute':'blockdev-add','arguments':{'driver':'file','node-name':'" + name + "-file','filename':'"
                + path(name) + "','auto-read-only':true}}");
        vm.done("{'execute':'blockdev-create','arguments':{'job-id':'format','options':{'driver':'qcow2','file':'"
                + name + "-file','size':4194304,'backing-file':'" + path(backing) + "','backing-fmt':'qcow2'}}}");
        vm.dismissed("format");
        vm.done("{'execute':'blockdev-add','arguments':{'driver':'qcow2','node-name':'" + name + "','file':'" + name
                + "-file','backing':null}}");
    }

    @Test
    void a_snapshot_is_written_and_its_old_top_is_read() throws IOException {
        overlay("overlay", "top");
        writes("overlay", "top");

        vm.done("{'execute':'transaction','arguments':{'actions':[{'type':'blockdev-snapshot','data':{'node':'top',"
                + "'overlay':'overlay'}}]}}");

        writes("overlay");
        reads("base", "middle", "top");
    }

    @Test
    void a_snapshot_that_qemu_makes_is_made_and_labelled_before() throws IOException {
        vm.done("{'execute':'blockdev-snapshot-sync','arguments':{'node-name':'top','snapshot-file':'" + path("overlay")
                + "','snapshot-node-name':'overlay','format':'qcow2'}}");

        writes("overlay");
        reads("base", "middle", "top");
        assertThat(Files.size(path("overlay"))).isPositive();
    }

    @Test
    void a_snapshot_that_fails_leaves_no_file() throws IOException {
        vm.refused("{'execute':'blockdev-snapshot-sync','arguments':{'node-name':'nothing','snapshot-file':'"
                + path("overlay") + "','format':'qcow2'}}");

        assertThat(path("overlay")).doesNotExist();
        writes("top");
    }

    @Test
    void a_commit_below_the_top_writes_the_base_while_it_runs() throws IOException {
        vm.done("{'execute':'block-commit','arguments':{'job-id':'commit','device':'top','top-node':'middle',"
                + "'base-node':'base','speed':1,'auto-finalize':false}}");
        writes("base");
        writes("top");

        vm.done("{'execute':'block-job-set-speed','arguments':{'device':'commit','speed':0}}");
        vm.untilJob("commit", "pending");
        vm.done("{'execute':'job-finalize','arguments':{'id':'commit'}}");

        vm.until(() -> host.label("base").equals(FollowedHost.CONTENT));
        writes("top");
        reads("base", "middle");
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'middle'}}");
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'middle-file'}}");
        ownLabel("middle");
    }

    /** A second image on the layer that goes, for reading: an export of what the disk was, a backup's. */
    private void beside(String name, String access) throws IOException {
        JudgedQemu.make(host, name, "middle");
        vm.done("{'execute':'blockdev-add','arguments':{'driver':'file','node-name':'" + name + "-file','filename':'"
                + path(name) + "'," + access + "}}");
        vm.done("{'execute':'blockdev-add','arguments':{'driver':'qcow2','node-name':'" + name + "','file':'" + name
                + "-file','read-only':true,'backing':'middle'}}");
        reads(name);
    }

    private static final String COMMIT = "{'execute':'block-commit','arguments':{'job-id':'commit','device':'top',"
            + "'top-node':'middle','base-node':'base'";

    @Test
    void a_commit_writes_the_header_of_each_overlay_of_its_top() throws IOException {
        beside("second", "'auto-read-only':true");

        vm.done(COMMIT + ",'speed':1}}");
        writes("base", "top", "second");
        vm.done("{'execute':'block-job-set-speed','arguments':{'device':'commit','speed':0}}");
        vm.untilGone("commit");

        vm.until(() -> host.label("second").equals(FollowedHost.CONTENT));
        vm.until(() -> host.label("base").equals(FollowedHost.CONTENT));
        writes("top");
        assertThat(Files.readString(path("second"), StandardCharsets.ISO_8859_1))
                .contains(path("base").toString())
                .doesNotContain(path("middle").toString());
        // The header is the guard's doing: the next command believes it.
        vm.done("{'execute':'block-stream','arguments':{'job-id':'stream','device':'second'}}");
    }

    /** At the end of the job qemu would die. */
    @Test
    void a_commit_below_a_second_overlay_that_cannot_be_written_is_refused() throws IOException {
        beside("second", "'read-only':true");

        assertThat(vm.refused(COMMIT + "}}")).startsWith("labeler S10: ").contains("second");

        reads("base", "middle", "second");
        vm.done("{'execute':'query-name'}");
    }

    @Test
    void a_commit_below_an_overlay_that_another_vm_reads_is_refused() throws IOException {
        beside("second", "'auto-read-only':true");
        // As a whole, so that it has none of the images below.
        host.start("two", host.image("second", ImageFormat.RAW, Access.READ_ONLY));

        assertThat(vm.refused(COMMIT + "}}")).startsWith("labeler S2: ").contains("two");
    }

    @Test
    void a_commit_that_is_cancelled_reads_its_base_again() throws IOException {
        vm.done("{'execute':'block-commit','arguments':{'job-id':'commit','device':'top','top-node':'middle',"
                + "'base-node':'base','speed':1}}");
        writes("base");

        vm.done("{'execute':'block-job-cancel','arguments':{'device':'commit'}}");

        vm.until(() -> host.label("base").equals(FollowedHost.CONTENT));
        reads("middle");
        writes("top");
    }

    @Test
    void a_commit_of_the_top_makes_the_base_the_disk() throws IOException {
        vm.done("{'execute':'block-commit','arguments':{'job-id':'commit','device':'top','base-node':'middle'}}");
        vm.untilJob("commit", "ready");
        writes("middle", "top");
        reads("base");

        vm.done("{'execute':'job-complete','arguments':{'id':'commit'}}");

        vm.untilGone("commit");
        writes("middle");
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'top'}}");
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'top-file'}}");
        ownLabel("top");
    }

    @Test
    void a_stream_takes_the_layers_below_out() throws IOException {
        vm.done("{'execute':'block-stream','arguments':{'job-id':'stream','device':'top','base-node':'base'}}");

        vm.untilGone("stream");
        writes("top");
        reads("base");
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'middle'}}");
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'middle-file'}}");
        ownLabel("middle");
    }

    @Test
    void a_mirror_writes_its_target_and_pivots() throws IOException {
        vm.done("{'execute':'drive-mirror','arguments':{'job-id':'mirror','device':'top','target':'" + path("copy")
                + "','format':'qcow2','sync':'full','node-name':'copy'}}");
        vm.untilJob("mirror", "ready");
        writes("copy", "top");

        vm.done("{'execute':'block-job-complete','arguments':{'device':'mirror'}}");

        vm.untilGone("mirror");
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'top'}}");
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'top-file'}}");
        writes("copy");
        ownLabel("top");
        reads("middle", "base");
    }

    @Test
    void a_mirror_that_is_cancelled_when_ready_says_completed_and_has_not_pivoted() throws IOException {
        vm.done("{'execute':'drive-mirror','arguments':{'job-id':'mirror','device':'top','target':'" + path("copy")
                + "','format':'qcow2','sync':'full'}}");
        vm.untilJob("mirror", "ready");

        vm.done("{'execute':'block-job-cancel','arguments':{'device':'mirror'}}");

        vm.until(() -> vm.holds().stream().noneMatch(hold -> hold.path().equals(host.hostPath("copy"))));
        assertThat(host.label("copy")).isNotEqualTo(vm.image());
        writes("top");
        assertThat(path("copy")).exists();
    }

    @Test
    void a_backup_writes_its_target_until_its_end() throws IOException {
        vm.done("{'execute':'drive-backup','arguments':{'job-id':'backup','device':'top','target':'" + path("copy")
                + "','format':'qcow2','sync':'full','speed':1}}");
        writes("copy");

        vm.done("{'execute':'block-job-set-speed','arguments':{'device':'backup','speed':0}}");

        vm.until(() -> vm.holds().stream().noneMatch(hold -> hold.path().equals(host.hostPath("copy"))));
        assertThat(host.label("copy")).isNotEqualTo(vm.image());
        writes("top");
    }

    @Test
    void a_dump_an_object_and_a_character_device_have_their_files_for_as_long_as_they_need() throws IOException {
        vm.done("{'execute':'dump-guest-memory','arguments':{'paging':false,'protocol':'file:" + path("dump") + "'}}");
        writes("dump");
        vm.until(() -> vm.holds().stream().noneMatch(hold -> hold.path().equals(host.hostPath("dump"))));
        assertThat(host.label("dump")).isNotEqualTo(vm.image());

        vm.done("{'execute':'chardev-add','arguments':{'id':'log','backend':{'type':'file','data':{'out':'"
                + path("log") + "'}}}}");
        writes("log");
        vm.done("{'execute':'chardev-remove','arguments':{'id':'log'}}");
        vm.until(() -> !host.label("log").equals(vm.image()));

        Files.writeString(path("key"), "0123456789abcdef");
        host.setLabel("key", FollowedHost.HOME);
        vm.done("{'execute':'object-add','arguments':{'qom-type':'secret','id':'s','file':'" + path("key") + "'}}");
        writes("key");
        vm.done("{'execute':'object-del','arguments':{'id':'s'}}");
        vm.until(() -> host.label("key").equals(FollowedHost.HOME));
    }

    @Test
    void a_migration_to_a_file_leaves_the_disks_as_they_are() throws IOException {
        vm.done("{'execute':'migrate','arguments':{'uri':'file:" + path("saved") + "'}}");
        writes("saved", "top");
        vm.until(() -> vm.holds().stream().noneMatch(hold -> hold.path().equals(host.hostPath("saved"))));
        vm.done("{'execute':'cont'}");
        writes("top");
        reads("base", "middle");
    }

    @Test
    void a_layer_that_another_vm_reads_is_not_written() throws IOException {
        host.start("two", host.image("base", ImageFormat.QCOW2, Access.READ_ONLY));

        assertThat(vm.refused("{'execute':'block-commit','arguments':{'job-id':'commit','device':'top','top-node':"
                        + "'middle','base-node':'base'}}"))
                .startsWith("labeler S2: ")
                .contains("two");
        reads("base");
    }

    @Test
    void the_start_after_a_commit_believes_the_header_that_it_wrote() throws IOException {
        vm.done("{'execute':'block-commit','arguments':{'job-id':'commit','device':'top','top-node':'middle',"
                + "'base-node':'base'}}");
        vm.until(() -> host.label("base").equals(FollowedHost.CONTENT));
        vm.close();
        host.lifecycle().stop(new VmName("one"), Optional.empty());

        String image = host.start("one", host.image("top", ImageFormat.QCOW2, Access.READ_WRITE));

        assertThat(host.label("top")).isEqualTo(image);
        reads("base");
        ownLabel("middle");
    }

    @Test
    void a_file_of_the_start_may_have_a_relative_name(@TempDir Path other) throws IOException {
        try (FollowedHost second = new FollowedHost(other);
                JudgedQemu named = JudgedQemu.withRelativeName(second, other, "disk")) {
            named.done("{'execute':'blockdev-snapshot-sync','arguments':{'node-name':'disk','snapshot-file':'"
                    + second.path("overlay") + "','snapshot-node-name':'overlay','format':'qcow2'}}");

            assertThat(second.label("overlay")).isEqualTo(named.image());
            assertThat(second.label("disk")).isEqualTo(FollowedHost.CONTENT);
            assertThat(named.entries()).noneMatch(entry -> entry.event() == AuditEvent.DRIFT);
        }
    }

    @Test
    void a_client_sees_each_answer_once_and_the_record_has_each_decision() throws IOException {
        vm.refused("{'execute':'blockdev-add','arguments':{'driver':'file','node-name':'x','filename':'/etc/shadow'}}");
        vm.done("{'execute':'query-name'}");

        assertThat(vm.entries()).anySatisfy(entry -> {
            assertThat(entry.result().rule()).contains("N4");
            assertThat(entry.command().orElseThrow().name()).isEqualTo("blockdev-add");
        });
        assertThat(List.copyOf(vm.entries()))
                .noneMatch(entry -> entry.command()
                        .filter(command -> command.name().equals("query-name"))
                        .isPresent());
    }
}

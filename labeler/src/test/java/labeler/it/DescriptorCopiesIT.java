package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import labeler.guard.QmpClient;
import labeler.json.JsonWriter;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies of a disk whose files are handed over: of the whole disk, of its top, of what a bitmap has, of what is overwritten. */
@Timeout(600)
class DescriptorCopiesIT {
    private final ServiceFixture service;

    @AutoClose("closeWithService")
    private final GuardedChain vm;

    /** A VM with a chain of three. */
    DescriptorCopiesIT(@TempDir Path temporary) throws IOException {
        GuardedChain.requireTools();
        service = ServiceFixture.started(temporary);
        vm = GuardedChain.started(temporary, service);
    }

    private String file() throws IOException {
        return vm.inserted().text("file").orElse("");
    }

    private void mirror(String more) throws IOException {
        vm.done("{'execute':'drive-mirror','arguments':{'job-id':'m','device':'top','target':'" + vm.path("mirror")
                + "','format':'qcow2'," + more + "}}");
    }

    private void completed() throws IOException {
        vm.untilJob("m", "ready");
        vm.done("{'execute':'job-complete','arguments':{'id':'m'}}");
        vm.untilJob("m", "");
    }

    /** An image below which another one of the VM lies, as a manager makes it before a job. */
    private void existing(String name, String below) throws IOException {
        GuardedChain.succeed(List.of(
                "qemu-img",
                "create",
                "-q",
                "-u",
                "-f",
                "qcow2",
                "-b",
                vm.path(below).toString(),
                "-F",
                "qcow2",
                vm.path(name).toString(),
                "4M"));
    }

    @Test
    void a_mirror_of_the_top_lies_on_what_the_top_lies_on() throws IOException {
        mirror("'sync':'top','node-name':'mirror'");
        completed();

        assertThat(file()).isEqualTo(vm.path("mirror").toString());
        assertThat(vm.inserted().text("node-name")).contains("mirror");
        assertThat(vm.inserted().text("backing_file"))
                .contains(vm.path("middle").toString());
        assertThat(vm.header("mirror")).contains(vm.path("middle").toString()).doesNotContain("fdset");
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'top'}}");
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'top-file'}}");
        assertThat(vm.holds("top")).isFalse();
        assertThat(vm.holds("mirror")).isTrue();
        // The record has what the client has asked.
        assertThat(service.cli(List.of("events", "web1")).out())
                .contains("drive-mirror")
                .doesNotContain("blockdev-mirror");
        vm.qemu().close();
        vm.whole("mirror");
    }

    @Test
    void the_node_of_a_mirror_goes_with_its_last_user() throws IOException {
        mirror("'sync':'top'");
        completed();
        String root = vm.inserted().text("node-name").orElse("");

        vm.done("{'execute':'block-commit','arguments':{'job-id':'c','device':'" + root + "','base-node':'middle'}}");
        vm.untilJob("c", "ready");
        vm.done("{'execute':'job-complete','arguments':{'id':'c'}}");
        vm.untilJob("c", "");

        eventually("it is given back", () -> !vm.holds("mirror"));
        assertThat(vm.nodes()).doesNotContain(root);
        vm.whole("middle");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",'node-name':'mirror'"})
    void a_mirror_that_is_cancelled_after_a_restart_leaves_nothing_but_its_file(String named) throws IOException {
        mirror("'sync':'full'" + named);
        vm.untilJob("m", "ready");
        service.kill();
        service.start();
        try (QmpClient client = new QmpClient(vm.socket()).negotiated()) {
            client.done("{'execute':'job-cancel','arguments':{'id':'m'}}");
            eventually("it is given back", () -> !vm.holds("mirror"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"full", "top"})
    void a_mirror_that_is_cancelled_leaves_nothing_but_its_file(String sync) throws IOException {
        mirror("'sync':'" + sync + "','node-name':'mirror'");
        vm.untilJob("m", "ready");
        vm.done("{'execute':'job-cancel','arguments':{'id':'m'}}");
        vm.untilJob("m", "");

        eventually("it is given back", () -> !vm.holds("mirror"));
        assertThat(vm.nodes()).doesNotContain("mirror");
        assertThat(file()).isEqualTo(vm.path("top").toString());
    }

    /** A raw image has no header that could be written. */
    @ParameterizedTest
    @ValueSource(strings = {"drive-mirror", "drive-backup"})
    void a_raw_copy_gets_the_length_of_the_disk(String command) throws IOException {
        vm.done("{'execute':'" + command + "','arguments':{'job-id':'m','device':'top','target':'" + vm.path("raw")
                + "','format':'raw','sync':'full'}}");
        if (command.equals("drive-mirror")) {
            completed();
            assertThat(file()).isEqualTo(vm.path("raw").toString());
        } else {
            vm.untilJob("m", "");
            eventually("it is given back", () -> !vm.holds("raw"));
        }
        vm.qemu().close();
        assertThat(vm.path("raw")).hasSize(4 << 20);
        GuardedChain.succeed(List.of(
                "qemu-img",
                "compare",
                "-f",
                "raw",
                "-F",
                "qcow2",
                vm.path("raw").toString(),
                vm.path("top").toString()));
    }

    @Test
    void a_mirror_goes_to_an_image_that_is_there() throws IOException {
        existing("mirror", "middle");

        mirror("'sync':'top','mode':'existing','node-name':'mirror'");
        completed();

        assertThat(file()).isEqualTo(vm.path("mirror").toString());
        vm.qemu().close();
        vm.whole("mirror");
    }

    @Test
    void a_mirror_of_what_is_overwritten_is_refused_with_a_way_out() throws IOException {
        assertThat(vm.refused("{'execute':'drive-mirror','arguments':{'device':'top','target':'" + vm.path("mirror")
                        + "','format':'qcow2','sync':'none'}}"))
                .startsWith("labeler ")
                .contains("use blockdev-snapshot-sync");
        assertThat(vm.path("mirror")).doesNotExist();
    }

    private void backup(String sync, String more) throws IOException {
        vm.done("{'execute':'drive-backup','arguments':{'job-id':'b','device':'top','target':'" + vm.path("copy")
                + "','format':'qcow2','sync':'" + sync + "'" + more + "}}");
    }

    @Test
    void a_backup_of_the_top_lies_on_what_the_top_lies_on() throws IOException {
        backup("top", "");
        vm.untilJob("b", "");

        assertThat(vm.header("copy")).contains(vm.path("middle").toString()).doesNotContain("fdset");
        eventually("it is given back", () -> !vm.holds("copy"));
        vm.whole("copy");
    }

    @Test
    void a_backup_goes_to_an_image_that_is_there() throws IOException {
        existing("copy", "middle");

        backup("top", ",'mode':'existing'");
        vm.untilJob("b", "");

        eventually("it is given back", () -> !vm.holds("copy"));
        vm.whole("copy");
    }

    @Test
    void a_backup_of_what_is_overwritten_lies_on_the_disk() throws IOException {
        backup("none", "");
        vm.untilJob("b", "running");

        assertThat(vm.header("copy")).contains(vm.path("top").toString()).doesNotContain("fdset");
        vm.done("{'execute':'job-cancel','arguments':{'id':'b'}}");
        vm.untilJob("b", "");
        eventually("it is given back", () -> !vm.holds("copy"));
        vm.whole("copy");
    }

    @ParameterizedTest
    @ValueSource(strings = {"incremental", "bitmap"})
    void a_backup_takes_what_a_bitmap_has(String sync) throws IOException {
        vm.done("{'execute':'block-dirty-bitmap-add','arguments':{'node':'top','name':'since'}}");

        backup(sync, ",'bitmap':'since'" + (sync.equals("bitmap") ? ",'bitmap-mode':'never'" : ""));
        vm.untilJob("b", "");
        assertThat(vm.header("copy")).doesNotContain("backing");
        eventually("it is given back", () -> !vm.holds("copy"));
    }

    @Test
    void a_backup_of_what_changed_goes_onto_the_last_one() throws IOException {
        vm.done("{'execute':'nbd-server-start','arguments':{'addr':{'type':'unix','data':{'path':'" + socket()
                + "'}}}}");
        // qemu exports no disk of a guest for writing.
        node("over", "middle");
        vm.done(
                "{'execute':'block-export-add','arguments':{'type':'nbd','id':'e','node-name':'over','writable':true}}");
        vm.done("{'execute':'transaction','arguments':{'actions':["
                + "{'type':'block-dirty-bitmap-add','data':{'node':'over','name':'since'}},"
                + "{'type':'drive-backup','data':{'job-id':'b','device':'over','target':'" + vm.path("over2")
                + "','format':'qcow2','sync':'full'}}]}}");
        vm.untilJob("b", "");
        GuardedChain.succeed(
                List.of("qemu-io", "-f", "raw", "-c", "write -P 5 3M 64k", "nbd+unix:///over?socket=" + socket()));
        existing("copy", "over2");

        vm.done("{'execute':'drive-backup','arguments':{'job-id':'b','device':'over','target':'" + vm.path("copy")
                + "','format':'qcow2','sync':'incremental','bitmap':'since','mode':'existing'}}");
        vm.untilJob("b", "");

        eventually("it is given back", () -> !vm.holds("copy"));
        GuardedChain.succeed(List.of(
                "qemu-io",
                "-r",
                "-f",
                "qcow2",
                "-c",
                "read -P 5 3M 64k",
                vm.path("copy").toString()));
        assertThat(Files.size(vm.path("copy"))).isLessThan(1 << 20);
    }

    private Path socket() {
        return vm.socket().resolveSibling("nbd.sock");
    }

    /** As libvirt does it: a file, a header, two nodes, and a job between nodes. */
    private void node(String name, String backing) throws IOException {
        vm.done("{'execute':'blockdev-create','arguments':{'job-id':'f','options':{'driver':'file','filename':'"
                + vm.path(name) + "','size':0}}}");
        vm.untilJob("f", "concluded");
        vm.done("{'execute':'job-dismiss','arguments':{'id':'f'}}");
        vm.done("{'execute':'blockdev-add','arguments':{'driver':'file','node-name':'" + name + "-file','filename':'"
                + vm.path(name) + "','auto-read-only':true}}");
        vm.done("{'execute':'blockdev-create','arguments':{'job-id':'g','options':{'driver':'qcow2','file':'" + name
                + "-file','size':4194304,'backing-file':'" + vm.path(backing) + "','backing-fmt':'qcow2'}}}");
        vm.untilJob("g", "concluded");
        assertThat(JsonWriter.compact(vm.done("{'execute':'query-jobs'}"))).doesNotContain("error");
        vm.done("{'execute':'job-dismiss','arguments':{'id':'g'}}");
        vm.done("{'execute':'blockdev-add','arguments':{'driver':'qcow2','node-name':'" + name + "','file':'" + name
                + "-file','backing':'" + backing + "'}}");
    }

    @Test
    void a_mirror_of_the_top_goes_to_a_node() throws IOException {
        node("copy", "middle");

        vm.done("{'execute':'blockdev-mirror','arguments':{'job-id':'m','device':'top','target':'copy','sync':'top'}}");
        completed();

        assertThat(file()).isEqualTo(vm.path("copy").toString());
        vm.qemu().close();
        vm.whole("copy");
    }

    @ParameterizedTest
    @ValueSource(strings = {"top", "none", "incremental", "bitmap"})
    void a_backup_goes_to_a_node(String sync) throws IOException {
        boolean isOfBitmap = sync.equals("incremental") || sync.equals("bitmap");
        node("copy", sync.equals("none") ? "top" : "middle");
        vm.done("{'execute':'block-dirty-bitmap-add','arguments':{'node':'top','name':'since'}}");

        vm.done("{'execute':'blockdev-backup','arguments':{'job-id':'b','device':'top','target':'copy','sync':'" + sync
                + "'" + (isOfBitmap ? ",'bitmap':'since'" : "")
                + (sync.equals("bitmap") ? ",'bitmap-mode':'on-success'" : "") + "}}");
        if (sync.equals("none")) {
            vm.done("{'execute':'job-cancel','arguments':{'id':'b'}}");
        }
        vm.untilJob("b", "");

        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'copy'}}");
        vm.done("{'execute':'blockdev-del','arguments':{'node-name':'copy-file'}}");
        assertThat(vm.holds("copy")).isFalse();
        assertThat(Map.of("top", true, "none", true).getOrDefault(sync, false)
                        || vm.header("copy").contains("backing"))
                .isTrue();
    }

    @Test
    void two_backups_of_one_moment_are_made_by_a_transaction() throws IOException {
        String actions = "";
        for (String name : List.of("copy", "over")) {
            actions += (actions.isEmpty() ? "" : ",") + "{'type':'drive-backup','data':{'job-id':'" + name
                    + "','device':'top','target':'" + vm.path(name) + "','format':'qcow2','sync':'top'}}";
        }
        vm.done("{'execute':'transaction','arguments':{'actions':[" + actions + "]}}");
        vm.untilJob("copy", "");
        vm.untilJob("over", "");

        vm.whole("copy");
        vm.whole("over");
        eventually("they are given back", () -> !vm.holds("copy") && !vm.holds("over"));
    }
}

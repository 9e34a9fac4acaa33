package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.HoldChange;
import labeler.guard.record.Outcome;
import labeler.lifecycle.FileView;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

/** What people read of a guarded VM: the record, and the messages of refusals. */
class RecordTest extends WithRuleBed {
    private List<AuditEntry> events(AuditEvent event) {
        return bed.vm().entries().stream()
                .filter(entry -> entry.event() == event)
                .toList();
    }

    private List<String> ended() {
        return events(AuditEvent.JOB_ENDED).stream()
                .map(entry -> entry.result().message().orElse(""))
                .toList();
    }

    @Test
    void the_guard_comes_and_goes_on_record() throws IOException {
        assertThat(events(AuditEvent.GUARD_ATTACHED)).hasSize(1);
        assertThat(events(AuditEvent.GUARD_DETACHED)).isEmpty();

        bed.vm().relayed().process().destroyForcibly();

        bed.vm().until(() -> !events(AuditEvent.GUARD_DETACHED).isEmpty());
        assertThat(events(AuditEvent.GUARD_DETACHED).getFirst().result().message())
                .hasValueSatisfying(reason -> assertThat(reason).contains("qemu has closed its monitor"));
    }

    @Test
    void the_end_of_each_job_is_on_record_once() throws IOException {
        String commit = "'device':'top','top-node':'middle','base-node':'base'";
        bed.done(command("block-commit", "'job-id':'slow','speed':1," + commit));
        bed.done(command("block-job-cancel", "'device':'slow'"));
        bed.vm().until(() -> !ended().isEmpty());
        bed.done(command("block-commit", "'job-id':'quick'," + commit));
        bed.vm().until(() -> ended().size() > 1);

        assertThat(ended()).containsExactly("job slow (commit) was cancelled", "job quick (commit) is done");
    }

    @Test
    void a_job_that_fails_has_its_reason_on_record() throws IOException {
        bed.done(command("blockdev-create", "'job-id':'make','options':{'driver':'file','filename':'@/new','size':0}"));
        bed.vm().dismissed("make");
        bed.done(command("blockdev-add", "'driver':'file','node-name':'new','filename':'@/new'"));
        bed.done(command(
                "blockdev-create",
                "'job-id':'format','options':{'driver':'qcow2','file':'new','size':1048576,'cluster-size':3}"));
        bed.vm().dismissed("format");
        bed.vm().until(() -> ended().size() > 1);

        assertThat(ended().getFirst()).isEqualTo("job make (create) is done");
        assertThat(ended().getLast())
                .startsWith("job format (create) has failed: ")
                .contains("luster size");
        assertThat(events(AuditEvent.JOB_ENDED).getLast().result().outcome()).contains(Outcome.FAILED_IN_QEMU);
        assertThat(ended()).hasSize(2);
    }

    @Test
    void a_fault_after_the_verdict_gives_no_second_answer() throws IOException {
        bed.image("other", "");
        bed.vm().failOnce();

        bed.done(RuleCase.file("x", "@/other"));

        bed.done(command("blockdev-del", "'node-name':'x'"));
        bed.vm()
                .until(() -> bed.vm().holds().stream()
                        .noneMatch(hold -> hold.path().equals(bed.host().hostPath("other"))));
    }

    @Test
    void a_refusal_names_the_command_and_its_argument() throws IOException {
        bed.image("other", "");
        String strange = bed.refused(command(
                "blockdev-add",
                "'driver':'qcow2','node-name':'x','file':{'driver':'raw','offset':512,'file':{'driver':'file',"
                        + "'filename':'@/other'}}"));
        assertThat(strange).startsWith("labeler C1: blockdev-add file.file.filename: ");
        bed.done(command(
                "blockdev-add", "'driver':'qcow2','node-name':'x','file':{'driver':'file','filename':'@/other'}"));
        assertThat(bed.vm().holds().toString()).contains("blockdev-add file.filename");
    }

    @Test
    void a_file_that_is_only_read_by_now_is_not_said_to_be_written() throws IOException {
        assertThat(reason("top")).isEqualTo("written by one VM");

        bed.done(command(
                "blockdev-snapshot-sync",
                "'node-name':'top','snapshot-node-name':'new','snapshot-file':'@/new','format':'qcow2'"));

        assertThat(reason("top")).isEqualTo("read by VMs");
        assertThat(reason("new")).isEqualTo("written by one VM");
    }

    private String reason(String image) {
        HostPath path = bed.host().hostPath(image);
        return bed.host().lifecycle().status().stream()
                .filter(vm -> vm.vm().equals(new VmName("one")))
                .flatMap(vm -> vm.files().stream())
                .filter(file -> file.path().equals(path))
                .map(FileView::reason)
                .reduce("", (_, last) -> last);
    }

    @Test
    void a_picture_that_fails_leaves_nothing() throws IOException {
        bed.vm().refused(bed.text(command("screendump", "'filename':'@/picture','device':'nobody'")));
        bed.vm().refused(bed.text(command("screendump", "'filename':'@/picture','device':'vd0'")));

        assertThat(bed.path("picture")).doesNotExist();
        assertThat(bed.vm().holds())
                .noneMatch(hold -> hold.path().equals(bed.host().hostPath("picture")));
    }

    private AuditEntry lastCommand() {
        return events(AuditEvent.COMMAND).getLast();
    }

    @Test
    void a_refusal_has_its_files_on_record() throws IOException {
        bed.refused(RuleCase.file("x", "/etc/shadow"));
        assertThat(lastCommand().files().toString()).contains("/etc/shadow");
        assertThat(lastCommand().result().milliseconds()).isPresent();

        bed.refused(RuleCase.dump("@/top"));
        assertThat(lastCommand().files())
                .anyMatch(file -> file.path().equals(bed.host().hostPath("top")));

        bed.host().start("two", bed.host().image("base", ImageFormat.QCOW2, Access.READ_ONLY));
        bed.refused(command("block-commit", "'device':'top','top-node':'middle','base-node':'base'"));
        assertThat(lastCommand().files())
                .anyMatch(file -> file.path().equals(bed.host().hostPath("base")));
    }

    private List<String> changes(AuditEvent event, String image) {
        return events(event).stream()
                .flatMap(entry -> entry.holds().stream())
                .filter(change -> change.path().equals(bed.host().hostPath(image)))
                .map(change -> change.change() + " " + change.access() + " " + change.reason())
                .toList();
    }

    @Test
    void a_label_that_changes_with_an_answer_is_in_the_line_of_the_command() throws IOException {
        bed.done(command(
                "blockdev-snapshot-sync",
                "'node-name':'top','snapshot-node-name':'new','snapshot-file':'@/new','format':'qcow2'"));

        assertThat(changes(AuditEvent.COMMAND, "top"))
                .containsExactly("RELEASED READ_WRITE graph", "TAKEN READ_ONLY graph");
        assertThat(changes(AuditEvent.COMMAND, "new")).hasSize(1);
    }

    @Test
    void each_hold_that_was_taken_is_told_as_released() throws IOException {
        bed.image("other", "");
        bed.done(RuleCase.file("x", "@/other"));
        bed.done(command("blockdev-del", "'node-name':'x'"));
        bed.vm().refused(bed.text(command("blockdev-add", "'driver':'file','node-name':'top','filename':'@/other'")));

        assertThat(changes(AuditEvent.COMMAND, "other"))
                .satisfiesExactly(
                        taken -> assertThat(taken).startsWith("TAKEN READ_ONLY command "),
                        left -> assertThat(left).isEqualTo("RELEASED READ_ONLY graph"),
                        taken -> assertThat(taken).startsWith("TAKEN READ_WRITE command "),
                        left -> assertThat(left).startsWith("RELEASED READ_WRITE command "));
    }

    @Test
    void what_keeps_its_label_is_not_told_as_released() throws IOException {
        bed.done(command("query-block", ""));
        bed.refused(command("replay-seek", "'icount':1"));

        assertThat(events(AuditEvent.LABELS_CHANGED).stream()
                        .flatMap(entry -> entry.holds().stream())
                        .map(HoldChange::reason))
                .doesNotContain("start");
    }
}

package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import labeler.chain.testing.Qcow2Builder;
import labeler.guard.QmpClient;
import labeler.journal.HoldTrigger;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** qemu has answered, and the look after that fails, or the record of what follows from it: it is not forgotten. */
@Timeout(120)
class LostAnswersTest {
    private static final String ERROR = "{\"error\": {\"class\": \"GenericError\", \"desc\": \"not now\"}, \"id\": \"";

    @AutoClose
    private final LyingBed bed;

    private final LyingQemu qemu;
    private final QmpClient client;

    LostAnswersTest(@TempDir Path root) throws IOException {
        bed = new LyingBed(root);
        qemu = bed.liar();
        qemu.returns("query-migrate", "{\"status\": \"active\"}");
        qemu.returns("add-fd", "{\"fdset-id\": 7, \"fd\": 9}");
        qemu.returns("query-fdsets", "[{\"fdset-id\": 7, \"fds\": [{\"fd\": 9}]}]");
        Files.write(bed.path("saved"), new byte[512]);
        client = bed.begun();
    }

    private JsonObject sentSet() throws IOException {
        return client.ask(command("add-fd", "'fdset-id':7"), bed.path("saved"));
    }

    private void untilSettled() {
        eventually(
                "no command is open",
                () -> bed.host().holds("liar").stream()
                        .noneMatch(hold -> hold.trigger() instanceof HoldTrigger.Command));
    }

    private void untilNoHold(String trigger) {
        eventually(
                "no hold until " + trigger,
                () -> bed.host().holds("liar").stream()
                        .noneMatch(hold -> hold.trigger().text().equals(trigger)));
    }

    /** One question of the look after this command fails, and no other. */
    private void failsAfter(String command) {
        AtomicBoolean isDue = new AtomicBoolean();
        qemu.replies(command, id -> {
            isDue.set(true);
            qemu.answer(id, command.equals("add-fd") ? "{\"fdset-id\": 7, \"fd\": 9}" : "{}");
        });
        qemu.replies("query-block", id -> {
            if (isDue.getAndSet(false)) {
                qemu.say(ERROR + id + "\"}");
            } else {
                qemu.answer(id, "[]");
            }
        });
    }

    /** The journal's disk is full for the first write after this command's answer. */
    private void diskIsFullAfter(String command) {
        qemu.replies(command, id -> {
            bed.host().journal().failAt(1);
            qemu.answer(id, "{}");
        });
    }

    @Test
    void a_migration_keeps_its_file_if_the_look_after_its_answer_fails() throws IOException {
        failsAfter("migrate");

        client.done(command("migrate", "'uri':'file:" + bed.path("saved") + "'"));
        untilSettled();

        assertThat(bed.ends("saved")).containsExactly("migration");
    }

    @Test
    void a_migration_keeps_its_file_if_its_answer_cannot_be_put_on_record_at_once() throws IOException {
        diskIsFullAfter("migrate");

        client.done(command("migrate", "'uri':'file:" + bed.path("saved") + "'"));
        untilSettled();

        assertThat(bed.ends("saved")).containsExactly("migration");
    }

    /** qemu closes the descriptor with what has taken it, and nothing else tells the end of its name. */
    @ParameterizedTest
    @ValueSource(strings = {"migrate", "dump-guest-memory"})
    void a_descriptor_that_is_taken_by_its_name_is_held_by_what_has_taken_it(String command) throws IOException {
        boolean isDump = command.equals("dump-guest-memory");
        qemu.returns("query-dump", "{\"status\": \"active\"}");
        assertThat(client.ask(command("getfd", "'fdname':'X'"), bed.path("saved"))
                        .get("return"))
                .isPresent();
        diskIsFullAfter(command);

        client.done(isDump ? command(command, "'paging':false,'protocol':'fd:X'") : command(command, "'uri':'fd:X'"));

        eventually("taken", () -> bed.ends("saved").equals(List.of(isDump ? "dump" : "migration")));
    }

    /** The end of its name is not on record yet when a command takes it. */
    @Test
    void a_descriptor_that_is_not_on_record_yet_is_held_by_what_has_taken_it() throws IOException {
        diskIsFullAfter("getfd");
        assertThat(client.ask(command("getfd", "'fdname':'X'"), bed.path("saved"))
                        .get("return"))
                .isPresent();

        client.done(command("migrate", "'uri':'fd:X'"));

        eventually("taken", () -> bed.ends("saved").equals(List.of("migration")));
    }

    private String log() {
        return command("chardev-add", "'id':'c','backend':{'type':'file','data':{'out':'" + bed.path("saved") + "'}}");
    }

    @Test
    void an_end_that_cannot_be_put_on_record_at_once_is_not_forgotten() throws IOException {
        client.done(log());
        assertThat(bed.ends("saved")).containsExactly("chardev c");
        diskIsFullAfter("chardev-remove");

        client.done(command("chardev-remove", "'id':'c'"));

        eventually("let go", () -> bed.ends("saved").isEmpty());
    }

    /** Both names are the same, and the record of the end fails: the device of now is not ended by that. */
    @Test
    void an_end_that_is_tried_again_is_none_of_what_has_come_since() throws IOException {
        client.done(log());
        diskIsFullAfter("chardev-remove");
        client.done(command("chardev-remove", "'id':'c'"));

        client.done(
                command("chardev-add", "'id':'c','backend':{'type':'file','data':{'out':'" + bed.path("next") + "'}}"));
        eventually("let go", () -> bed.ends("saved").isEmpty());

        assertThat(bed.host().holds("liar"))
                .filteredOn(hold -> hold.path().equals(HostPath.of(bed.path("next"))))
                .extracting(hold -> hold.trigger().text())
                .containsExactly("chardev c");
    }

    @Test
    void a_set_keeps_its_file_if_the_look_after_its_answer_fails() throws IOException {
        failsAfter("add-fd");

        assertThat(sentSet().get("return")).isPresent();
        untilSettled();
        client.done(command("migrate", "'uri':'file:/dev/fdset/7'"));

        assertThat(bed.ends("saved")).containsExactlyInAnyOrder("object fdset 7", "migration");
    }

    /** Whatever qemu has in it by now. */
    @ParameterizedTest
    @ValueSource(strings = {"migrate", "migrate-incoming"})
    void a_set_whose_file_is_not_held_is_not_opened(String command) throws IOException {
        assertThat(sentSet().get("return")).isPresent();
        client.done(command("remove-fd", "'fdset-id':7"));

        assertThat(client.ask(command(command, "'uri':'file:/dev/fdset/7'")).toString())
                .contains("labeler S11");
    }

    @Test
    void a_set_is_not_opened_if_that_cannot_be_put_on_record() throws IOException {
        assertThat(sentSet().get("return")).isPresent();
        bed.host().journal().failAt(1);

        assertThat(client.ask(command("migrate", "'uri':'file:/dev/fdset/7'")).toString())
                .contains("labeler S15");

        assertThat(qemu.asked()).doesNotContain("migrate");
    }

    /** The journal's disk is full for the first record of images after this command's answer. */
    private void writesHeader(String command) {
        qemu.replies(command, id -> {
            Files.write(bed.path("top"), Qcow2Builder.overlay("base", "qcow2").build());
            bed.host().journal().failImages();
            qemu.answer(id, "{}");
        });
    }

    private boolean isStrange() {
        return !bed.host()
                .files()
                .strange(bed.host().files().run(new VmName("liar")), List.of(HostPath.of(bed.path("top"))))
                .isEmpty();
    }

    /** Otherwise what the command has written counts as the guest's, and the VM does not start the next time. */
    @Test
    void a_header_that_a_command_has_written_is_put_on_record_again_if_that_fails() throws IOException {
        writesHeader("change-backing-file");

        client.done(command("change-backing-file", "'device':'top','image-node-name':'top','backing-file':''"));

        assertThat(bed.host().journal().haveImagesFailed()).isTrue();
        eventually("known", () -> !isStrange());
    }

    /** The VM stops writing it with the job's end. */
    @Test
    void a_header_that_a_job_has_written_is_put_on_record_again_if_that_fails() throws IOException {
        qemu.replies("block-stream", id -> {
            qemu.returns("query-jobs", "[{\"id\": \"j\", \"type\": \"stream\", \"status\": \"running\"}]");
            qemu.answer(id, "{}");
        });
        writesHeader("job-dismiss");
        client.done(command("block-stream", "'device':'top','job-id':'j'"));
        assertThat(bed.host().holds("liar"))
                .extracting(hold -> hold.trigger().text())
                .contains("job j");

        qemu.returns("query-jobs", "[]");
        client.done(command("job-dismiss", "'id':'j'"));

        assertThat(bed.host().journal().haveImagesFailed()).isTrue();
        untilNoHold("job j");
        assertThat(isStrange()).isFalse();
    }

    /** The second file is another VM's, and the record that the first one is let go fails. */
    @Test
    void a_refused_command_whose_holds_cannot_be_let_go_at_once_holds_nothing_in_the_end() throws IOException {
        assertThat(sentSet().get("return")).isPresent();
        untilSettled();
        bed.host().journal().failAt(3);

        assertThat(client.ask(command(
                                "chardev-add",
                                "'id':'c','backend':{'type':'file','data':{'out':'/dev/fdset/7','in':'"
                                        + bed.path("theirs") + "'}}"))
                        .toString())
                .contains("labeler S");

        eventually("let go", () -> bed.ends("saved").equals(List.of("object fdset 7")));
    }

    @Test
    void a_file_that_was_made_for_a_command_that_has_failed_goes_with_its_hold() throws IOException {
        qemu.replies("chardev-add", id -> {
            bed.host().journal().failAt(1);
            qemu.say(ERROR + id + "\"}");
        });

        client.ask(
                command("chardev-add", "'id':'c','backend':{'type':'file','data':{'out':'" + bed.path("new") + "'}}"));

        eventually("removed", () -> Files.notExists(bed.path("new")));
    }
}

package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import labeler.guard.QmpClient;
import labeler.journal.HoldTrigger;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A command's answer is lost: only qemu knows whether there is what its file is for. It is asked until it has told, and
 * before that the file stays held for the command.
 */
@Timeout(120)
class UnseenObjectsTest {
    private static final String ERROR = "{\"error\": {\"class\": \"GenericError\", \"desc\": \"not now\"}, \"id\": \"";

    @AutoClose
    private final LyingBed bed;

    private final LyingQemu qemu;

    UnseenObjectsTest(@TempDir Path root) throws IOException {
        bed = new LyingBed(root);
        qemu = bed.liar();
        bed.graph(Map.of("top-file", bed.path("top")));
        qemu.returns("qom-list", "[]");
        qemu.returns("query-chardev", "[]");
        qemu.returns("query-fdsets", "[]");
    }

    /** An earlier service, or another judge, has put this on record: base is held until then. */
    private void recorded(String end) {
        HoldTrigger trigger = HoldTrigger.parse(end).orElseThrow();
        assertThat(bed.host()
                        .files()
                        .settle(
                                bed.host().files().run(new VmName("liar")),
                                holds -> holds.stream()
                                        .map(hold -> hold.path().equals(base()) ? hold.until(trigger) : hold)
                                        .toList())
                        .problems())
                .isEmpty();
    }

    private HostPath base() {
        return HostPath.of(bed.path("base"));
    }

    private List<String> ends() {
        return bed.host().holds("liar").stream()
                .filter(hold -> hold.path().equals(base()))
                .map(hold -> hold.trigger().text())
                .toList();
    }

    /** The judge has looked once more. */
    private void looked() throws IOException {
        try (QmpClient client = bed.client()) {
            assertThat(client.ask(command("blockdev-del", "'node-name':'x'")).get("return"))
                    .isPresent();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "command 3 object x, qom-list",
        "command 3 object device x, qom-list",
        "'command 3 object device ', qom-list",
        "command 3 chardev x, query-chardev",
        "object x, qom-list",
        "chardev x, query-chardev"
    })
    void a_question_that_fails_is_asked_again(String end, String question) throws IOException {
        recorded(end);
        qemu.replies(question, id -> qemu.say(ERROR + id + "\"}"));
        qemu.begin();
        looked();
        assertThat(ends()).containsExactly(end);

        qemu.replies(question, id -> qemu.answer(id, "[]"));

        eventually("let go", () -> ends().isEmpty());
    }

    @Test
    void a_command_that_a_judge_before_has_never_sent_holds_nothing() throws IOException {
        qemu.begin();
        looked();

        recorded("command 99 object x");
        looked();

        eventually("let go", () -> ends().isEmpty());
    }

    /** Whose it is, nobody knows while there are jobs. */
    @Test
    void a_set_that_has_never_come_holds_nothing_when_the_jobs_of_an_earlier_service_are_over() throws IOException {
        recorded("command 3 object fdset 7");
        qemu.returns("query-fdsets", "[{\"fdset-id\": 9, \"fds\": [{\"fd\": 4, \"opaque\": \"labeler /images/of\"}]}]");
        qemu.returns("query-jobs", "[{\"id\": \"j\", \"type\": \"mirror\", \"status\": \"running\"}]");
        qemu.begin();
        looked();
        assertThat(ends()).containsExactly("command 3 object fdset 7");

        qemu.returns("query-jobs", "[]");
        looked();

        eventually("let go", () -> ends().isEmpty());
    }
}

package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import labeler.guard.QmpClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file is held until qemu has told that what uses it is over: no answer, and no other use's end, is its end. */
@Timeout(120)
class HeldUntilToldTest {
    private static final String ERROR = "{\"error\": {\"class\": \"GenericError\", \"desc\": \"not now\"}, \"id\": \"";

    @AutoClose
    private final LyingBed bed;

    private final LyingQemu qemu;
    private final QmpClient client;

    HeldUntilToldTest(@TempDir Path root) throws IOException {
        bed = new LyingBed(root);
        qemu = bed.liar();
        qemu.returns("device-list-properties", "[{\"name\": \"romfile\", \"type\": \"str\"}]");
        client = bed.begun();
    }

    private String migration(String file) {
        return command("migrate", "'uri':'file:" + bed.path(file) + "'");
    }

    private String dump(String file) {
        return command("dump-guest-memory", "'paging':false,'detach':true,'protocol':'file:" + bed.path(file) + "'");
    }

    private long asked(String question) {
        return qemu.asked().stream().filter(question::equals).count();
    }

    /** The judge asks once a second. */
    private void askedAgain(String question) {
        long before = asked(question);
        eventually(question + " again and again", () -> asked(question) > before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"query-migrate", "query-dump"})
    void a_question_that_fails_ends_nothing(String question) throws IOException {
        boolean isDump = question.equals("query-dump");
        qemu.replies(question, id -> qemu.say(ERROR + id + "\"}"));

        client.done(isDump ? dump("saved") : migration("saved"));
        askedAgain(question);

        assertThat(bed.ends("saved")).containsExactly(isDump ? "dump" : "migration");
    }

    /** A state that this version does not know may be one in which qemu uses the file. */
    @ParameterizedTest
    @ValueSource(strings = {"postcopy-paused", "a state of a qemu to come"})
    void a_migration_goes_on_in_any_state_that_is_no_end(String status) throws IOException {
        qemu.returns("query-migrate", "{\"status\": \"" + status + "\"}");

        client.done(migration("saved"));
        askedAgain("query-migrate");
        assertThat(bed.ends("saved")).containsExactly("migration");

        qemu.returns("query-migrate", "{\"status\": \"failed\"}");
        eventually("let go", () -> bed.ends("saved").isEmpty());
    }

    /** Two uses of one name: the second has begun before the judge takes note of the first one's end. */
    private void assertEndIsOfTheFirst(String first, String second, String event, String data, String end)
            throws IOException {
        client.done(first);
        assertThat(bed.ends("one")).containsExactly(end);
        String name = second.contains("migrate") ? "migrate" : "device_add";
        qemu.replies(name, id -> {
            qemu.event(event, data);
            qemu.answer(id, "{}");
        });

        client.done(second);
        eventually("the first is let go", () -> bed.ends("one").isEmpty());

        assertThat(bed.ends("two")).containsExactly(end);
    }

    @Test
    void the_end_of_a_migration_is_none_of_the_next_ones() throws IOException {
        qemu.returns("query-migrate", "{\"status\": \"active\"}");

        assertEndIsOfTheFirst(
                migration("one"), migration("two"), "MIGRATION", "{\"status\": \"cancelled\"}", "migration");
    }

    /** qemu has had its descriptor before. */
    @Test
    void the_end_of_a_migration_is_none_of_the_next_ones_descriptor() throws IOException {
        qemu.returns("query-migrate", "{\"status\": \"active\"}");
        Files.write(bed.path("two"), new byte[512]);
        assertThat(client.ask(command("getfd", "'fdname':'X'"), bed.path("two")).get("return"))
                .isPresent();

        assertEndIsOfTheFirst(
                migration("one"),
                command("migrate", "'uri':'fd:X'"),
                "MIGRATION",
                "{\"status\": \"cancelled\"}",
                "migration");
    }

    @Test
    void the_end_of_a_device_is_none_of_the_next_one_of_its_name() throws IOException {
        Files.write(bed.path("one"), new byte[512]);
        Files.write(bed.path("two"), new byte[512]);

        assertEndIsOfTheFirst(
                rom("one"),
                rom("two"),
                "DEVICE_DELETED",
                "{\"device\": \"n\", \"path\": \"/machine/peripheral/n\"}",
                "object device n");
    }

    private String rom(String file) {
        return command("device_add", "'driver':'e1000','id':'n','romfile':'" + bed.path(file) + "'");
    }

    @Test
    void a_dump_that_goes_on_has_its_file_for_itself_and_settles_when_it_is_over() throws IOException {
        qemu.returns("query-dump", "{\"status\": \"active\"}");

        client.done(dump("saved"));
        askedAgain("query-dump");
        assertThat(bed.ends("saved")).containsExactly("dump");
        assertThat(client.ask(migration("saved")).toString()).contains("labeler S13");

        qemu.returns("query-dump", "{\"status\": \"completed\"}");
        qemu.event("DUMP_COMPLETED", "{\"result\": {\"status\": \"completed\", \"completed\": 1, \"total\": 1}}");
        eventually("settling", () -> bed.ends("saved").equals(List.of("settling")));
        eventually("let go", () -> bed.ends("saved").isEmpty());
    }

    @Test
    void a_dump_that_is_over_with_its_answer_settles_at_once() throws IOException {
        qemu.returns("query-dump", "{\"status\": \"completed\"}");

        client.done(dump("saved"));

        assertThat(bed.ends("saved")).containsExactly("settling");
    }
}

package labeler.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import labeler.policy.Programs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelAuditTest {
    private static final String DENIED =
            "avc:  denied  { read } for  pid=1 scontext=a:b:c:s0 tcontext=a:b:c:s0 tclass=file";

    @TempDir
    Path directory;

    private final List<List<String>> commands = new ArrayList<>();

    /** Two lines. */
    private Programs.Ended journal =
            new Programs.Ended(0, "something else\naudit: type=1400 audit(9.0:1): " + DENIED + "\n", "");

    private final Programs programs = new Programs() {
        @Override
        public Ended run(List<String> command, Consumer<Duration> waiting) throws IOException {
            commands.add(command);
            return journal;
        }

        @Override
        public boolean isInstalled(String name) {
            return true;
        }
    };

    private static String record(String type, long second, int serial, String text) {
        return "type=" + type + " msg=audit(" + second + ".123:" + serial + "): " + text + "\n";
    }

    private List<String> since(long second) throws IOException {
        return asked(second).lines().lines();
    }

    private DeniedSince asked(long second) throws IOException {
        return new KernelAudit(directory.resolve("audit.log"), programs).since(Instant.ofEpochSecond(second));
    }

    @Test
    void denials_and_the_records_beside_them_are_kept_also_those_of_the_file_before() throws IOException {
        Files.writeString(
                directory.resolve("audit.log.1"), record("AVC", 90, 1, DENIED) + record("AVC", 100, 2, DENIED));
        Files.writeString(
                directory.resolve("audit.log"),
                record("SYSCALL", 100, 2, "syscall=257")
                        + record("LOGIN", 101, 3, "pid=1")
                        + record("PATH", 102, 4, "item=0")
                        + record("AVC", 102, 4, DENIED)
                        + "type=AVC msg=audit(103.1:5): \0avc:  denied\n"
                        + "garbage\u00e4\n");

        assertThat(since(100))
                .extracting(line -> line.substring(0, line.indexOf(' ')))
                .containsExactly("type=AVC", "type=SYSCALL", "type=PATH", "type=AVC");
        assertThat(since(200)).isEmpty();
        assertThat(commands).isEmpty();
    }

    @Test
    void every_file_that_auditd_has_kept_is_read_the_oldest_first() throws IOException {
        List<String> names = List.of("audit.log.10", "audit.log.9", "audit.log.2", "audit.log.1", "audit.log");
        for (int i = 0; i < names.size(); i++) {
            Files.writeString(directory.resolve(names.get(i)), record("AVC", 100 + i, i, DENIED));
        }
        Files.writeString(directory.resolve("audit.log.11.gz"), "compressed");
        Files.writeString(directory.resolve("audit.log.saved"), record("AVC", 100, 7, DENIED));

        assertThat(since(101))
                .extracting(line -> line.substring(line.indexOf(':') + 1, line.indexOf(')')))
                .containsExactly("1", "2", "3", "4");
    }

    /** What it cannot read would be a failure. */
    @Test
    void files_that_end_before_that_time_are_not_opened() throws IOException {
        Files.writeString(directory.resolve("audit.log"), record("AVC", 100, 1, DENIED));
        Path old = Files.createDirectory(directory.resolve("audit.log.1"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.ofEpochSecond(89)));

        assertThat(since(90)).hasSize(1);
        assertThat(asked(90).begins()).isEmpty();
    }

    @Test
    void a_log_that_begins_later_than_asked_for_says_so() throws IOException {
        Files.writeString(
                directory.resolve("audit.log.1"), record("SYSCALL", 100, 1, "x=1") + record("AVC", 105, 2, DENIED));
        Files.writeString(directory.resolve("audit.log"), record("AVC", 110, 3, DENIED));

        assertThat(asked(50).begins()).contains(Instant.ofEpochSecond(100));
        assertThat(asked(100).begins()).isEmpty();
        assertThat(asked(107).begins()).isEmpty();
    }

    @Test
    void so_many_are_bounded_and_the_newest_are_kept() throws IOException {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            many.append(record("AVC", 1_000 + i, i, DENIED));
        }
        Files.writeString(directory.resolve("audit.log"), many, StandardCharsets.US_ASCII);

        assertThat(since(0)).hasSize(5_000).last().asString().contains("audit(20999.");
    }

    @Test
    void without_auditd_the_journal_is_asked_and_no_shell_sees_it() throws IOException {
        assertThat(since(7)).hasSize(1).first().asString().contains(DENIED);
        assertThat(commands)
                .containsExactly(
                        List.of("journalctl", "_TRANSPORT=kernel", "-o", "cat", "--no-pager", "--since", "@7"));
    }

    @Test
    void a_log_that_cannot_be_read_is_a_failure_with_its_name() throws IOException {
        Files.createDirectory(directory.resolve("audit.log"));

        assertThatThrownBy(() -> since(0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(directory.resolve("audit.log") + ": ");
    }

    @Test
    void a_log_that_cannot_be_told_to_be_there_is_not_taken_for_absent() throws IOException {
        Path circle = Files.createSymbolicLink(directory.resolve("circle"), Path.of("circle"));
        Path below = circle.resolve("audit.log");

        assertThatThrownBy(() -> new KernelAudit(below, programs).since(Instant.EPOCH))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(below + ": ")
                .hasMessageContaining("too many levels of symbolic links");
        assertThat(commands).isEmpty();
    }

    @Test
    void a_journal_that_shows_this_user_nothing_is_not_taken_for_one_without_denials() throws IOException {
        journal = new Programs.Ended(0, "", "");
        assertThat(since(7)).isEmpty();
        journal = new Programs.Ended(0, "", "Hint: you do not see\n      all messages.\n");
        assertThatThrownBy(() -> since(7))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Hint: you do not see all messages.");
    }
}

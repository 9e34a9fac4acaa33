package labeler.guard.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FileAuditLogTest {
    private static final VmName VM = new VmName("web1");
    private static final Instant NOON = Instant.parse("2026-11-27T12:00:00.123456Z");
    private static final PeerIdentity CLIENT = new PeerIdentity(
            new Pid(77),
            Optional.empty(),
            1000,
            1000,
            Set.of(),
            Optional.of("system_u:system_r:virtd_t:s0\0".getBytes(StandardCharsets.UTF_8)));

    @TempDir
    Path state;

    private FileAuditLog log(LogSize size) {
        FileAuditLog log = new FileAuditLog(state, size, InstantSource.fixed(NOON));
        log.begin();
        return log;
    }

    private static AuditEntry numbered(long number) {
        return AuditEntry.command(VM, CLIENT, number, "query-name").allowed();
    }

    private static List<AuditLine> all(FileAuditLog log) throws IOException {
        List<AuditLine> lines = new ArrayList<>();
        LogPage page = log.reader().read(Position.BEGIN, 10_000, _ -> true);
        lines.addAll(page.lines());
        while (!page.isEnd()) {
            page = log.reader().read(page.next(), 10_000, _ -> true);
            lines.addAll(page.lines());
        }
        return lines;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(state.resolve("audit"))) {
            return files.sorted().toList();
        }
    }

    @Test
    void an_entry_is_one_line_of_json_and_is_read_as_it_was() throws IOException {
        AuditEntry entry = AuditEntry.command(VM, CLIENT, 12, "block-commit")
                .files(List.of(new AuditFile(HostPath.of("/vm/ö\n"), UseAccess.READ_WRITE, "base of job j")))
                .holds(List.of(new HoldChange(
                        HoldChange.Change.TAKEN, HostPath.of("/vm/b"), UseAccess.READ_WRITE, "job j base")))
                .refused("S9", "node b is not below m")
                .took(Duration.ofMillis(3));
        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            log.add(entry);
        }

        assertThat(Files.readAllLines(files().getFirst())).hasSize(2).last().isEqualTo("""
                        {"number":2,"time":"2026-11-27T12:00:00.123Z","event":"command","vm":"web1",\
                        "client":{"pid":77,"uid":1000,"context":"system_u:system_r:virtd_t:s0"},\
                        "command":{"number":12,"name":"block-commit"},\
                        "files":[{"path":"/vm/ö\\n","access":"read-write","purpose":"base of job j"}],\
                        "outcome":"refused","rule":"S9","message":"node b is not below m","milliseconds":3,\
                        "holds":[{"change":"taken","path":"/vm/b","access":"read-write","reason":"job j base"}]}""");
        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            assertThat(all(log).get(1).entry()).isEqualTo(entry);
        }
    }

    @Test
    void where_the_end_of_the_last_file_cannot_be_found_lines_go_into_another() throws IOException {
        Path unreadable = state.resolve("audit/audit-000000000000000005.jsonl");
        Files.createDirectories(unreadable);
        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            log.add(numbered(1));
        }

        assertThat(files()).hasSize(2).first().isEqualTo(unreadable);
        assertThat(Files.readAllLines(files().getLast())).last().asString().contains("query-name");
    }

    @Test
    void only_the_service_may_read_it() throws IOException {
        try (FileAuditLog _ = log(LogSize.DEFAULT)) {
            // The first entry is that of the begin.
        }

        assertThat(Files.getPosixFilePermissions(files().getFirst()))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.getPosixFilePermissions(state.resolve("audit")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    /** Waits until the disk has all: the end of a log waits for seconds alone. */
    private static void written(FileAuditLog log) throws InterruptedException {
        log.awaitWritten(Duration.ofMinutes(3));
    }

    @Test
    void who_has_added_an_entry_finds_it_written() throws Exception {
        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            for (int i = 0; i < 500; i++) {
                Position before = log.end();
                log.add(numbered(i));
                written(log);
                assertThat(log.end()).isGreaterThan(before);
            }
        }
    }

    @Test
    void a_hundred_thousand_entries_stay_within_the_bounds_and_none_is_out_of_order() throws Exception {
        LogSize small = new LogSize(1 << 20, 4, 64 << 20);
        try (FileAuditLog log = log(small)) {
            for (int i = 0; i < 100_000; i++) {
                log.add(numbered(i));
            }
            written(log);
        }

        assertThat(files())
                .hasSize(4)
                .allSatisfy(file -> assertThat(Files.size(file)).isLessThanOrEqualTo(small.fileSize()));
        try (FileAuditLog log = log(small)) {
            List<AuditLine> kept = all(log);
            assertThat(kept.size()).isGreaterThan(10_000);
            assertThat(kept)
                    .extracting(AuditLine::number)
                    .containsExactlyElementsOf(IntStream.range(0, kept.size())
                            .mapToObj(i -> kept.getFirst().number() + i)
                            .toList());
            assertThat(kept.stream().filter(line -> line.entry().event() == AuditEvent.COMMAND))
                    .last()
                    .satisfies(line -> assertThat(
                                    line.entry().command().orElseThrow().number())
                            .isEqualTo(99_999));
        }
    }

    @Test
    void entries_that_find_no_place_in_the_queue_are_counted() throws Exception {
        int added = 20_000;
        try (FileAuditLog log = log(new LogSize(64 << 20, 2, 4_000))) {
            for (int i = 0; i < added; i++) {
                log.add(numbered(i));
            }
            written(log);
        }

        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            List<AuditLine> lines = all(log);
            long written = count(lines, AuditEvent.COMMAND);
            long lost = lines.stream()
                    .filter(line -> line.entry().event() == AuditEvent.LINES_LOST)
                    .map(line -> line.entry().result().message().orElseThrow())
                    .mapToLong(message -> Long.parseLong(message.substring(0, message.indexOf(' '))))
                    .sum();
            assertThat(written + lost).isEqualTo(added);
        }
    }

    private static long count(List<AuditLine> lines, AuditEvent event) {
        return lines.stream().filter(line -> line.entry().event() == event).count();
    }

    @Test
    void a_half_line_of_a_killed_service_is_skipped_and_counted() throws IOException {
        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            log.add(numbered(1));
        }
        Files.writeString(files().getFirst(), "{\"number\":3,\"time\":\"2026-", StandardOpenOption.APPEND);

        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            log.add(numbered(2));
        }

        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            LogPage page = log.reader().read(Position.BEGIN, 100, _ -> true);
            assertThat(page.damaged()).isEqualTo(1);
            assertThat(count(page.lines(), AuditEvent.COMMAND)).isEqualTo(2);
            assertThat(page.lines()).extracting(AuditLine::number).doesNotHaveDuplicates();
        }
    }

    @Test
    void whatever_is_in_the_files_reading_ends_and_counts_what_it_skips() throws IOException {
        Files.createDirectories(state.resolve("audit"));
        byte[] noise = new byte[3 << 20];
        new Random(7).nextBytes(noise);
        Files.write(state.resolve("audit/audit-000000000000000001.jsonl"), noise);
        Files.writeString(state.resolve("audit/audit-000000000000000002.jsonl"), "x".repeat(5 << 20));
        Files.writeString(state.resolve("audit/unrelated"), "x");

        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            log.add(numbered(1));
        }
        assertThat(all(new FileAuditLog(state, LogSize.DEFAULT, InstantSource.system())))
                .hasSize(2);
    }

    @Test
    void a_directory_that_cannot_be_made_costs_lines_and_nothing_else() throws IOException {
        Path blocked = Files.writeString(state.resolve("audit"), "a file");
        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            log.add(numbered(1));
            assertThat(all(log)).isEmpty();
            Files.delete(blocked);
            log.add(numbered(2));
        }

        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            assertThat(all(log))
                    .extracting(line -> line.entry().command().map(AuditCommand::number))
                    .contains(Optional.of(2L));
        }
    }

    @Test
    void lines_since_a_time_are_found_in_whichever_file_they_are() throws IOException {
        for (int day = 1; day <= 9; day++) {
            Instant time = Instant.parse("2026-11-0" + day + "T00:00:00Z");
            try (FileAuditLog log =
                    new FileAuditLog(state, new LogSize(300, 100, 1 << 20), InstantSource.fixed(time))) {
                log.begin();
                log.add(numbered(day));
                log.add(numbered(day));
            }
        }

        LogReader reader = new FileAuditLog(state, LogSize.DEFAULT, InstantSource.system()).reader();
        Instant since = Instant.parse("2026-11-05T00:00:00Z");
        Predicate<AuditLine> wanted = line -> !line.time().isBefore(since);
        Position at = reader.at(since);
        assertThat(at.file()).isGreaterThan(5);
        assertThat(reader.read(at, 1_000, wanted).lines()).hasSize(15);
    }

    @Test
    void a_reader_goes_on_where_it_was_and_a_position_of_another_log_begins_at_the_first_line() throws IOException {
        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            for (int i = 0; i < 10; i++) {
                log.add(numbered(i));
            }
        }
        LogReader reader = new FileAuditLog(state, LogSize.DEFAULT, InstantSource.system()).reader();
        LogPage first = reader.read(Position.BEGIN, 4, _ -> true);
        LogPage second = reader.read(Position.parse(first.next().toString()).orElseThrow(), 100, _ -> true);

        assertThat(first.isEnd()).isFalse();
        assertThat(second.lines()).extracting(AuditLine::number).containsExactly(5L, 6L, 7L, 8L, 9L, 10L, 11L);
        assertThat(reader.read(new Position(99, 5), 100, _ -> true).lines()).hasSize(11);
        assertThat(Position.parse("-1.0")).isEmpty();
        assertThat(Position.parse("1.99999999999999999999")).isEmpty();
    }

    @Test
    void a_waiting_follower_sees_a_line_and_none_waits_while_the_service_stops() throws Exception {
        try (FileAuditLog log = log(LogSize.DEFAULT)) {
            log.await(Position.BEGIN, Duration.ofSeconds(60));
            Position end = log.end();
            Thread later = Thread.ofVirtual().start(() -> log.add(numbered(1)));
            while (log.reader()
                    .read(end, 1, line -> line.entry().command().isPresent())
                    .lines()
                    .isEmpty()) {
                log.await(end, Duration.ofSeconds(60));
            }
            later.join();
            log.endFollowing();
            log.await(new Position(Long.MAX_VALUE, 0), Duration.ofHours(1));
        }
    }

    @Test
    void an_entry_is_bounded_whatever_a_client_sends() {
        AuditEntry entry = AuditEntry.command(VM, CLIENT, 1, "x\n".repeat(100_000))
                .files(IntStream.range(0, 10_000)
                        .mapToObj(i -> new AuditFile(HostPath.of("/" + i), UseAccess.CREATE, "p".repeat(10_000)))
                        .toList())
                .refused("N1", "long".repeat(100_000));

        assertThat(LineFormat.bytes(new AuditLine(1, NOON, entry)).length).isLessThan(100_000);
        assertThat(new String(LineFormat.bytes(new AuditLine(1, NOON, entry)), StandardCharsets.UTF_8).lines())
                .hasSize(1);
    }
}

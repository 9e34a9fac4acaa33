package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal that is damaged, from another boot, in use, or not writable. */
class JournalIT {
    private static final String VM = "web1";

    private final Path temporary;
    private final Images images;
    private final List<String> argv;
    private final SortedMap<String, SortedMap<String, String>> before;

    @AutoClose
    private ServiceFixture service;

    /** An overlay on a labelled base. */
    JournalIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
        images = Images.in(temporary.resolve("images"));
        argv = Images.qemuWithOverlay(images.overlay("overlay", images.labelledRaw("base")));
        before = Attributes.of(images.directory());
        service = new ServiceFixture(temporary);
    }

    @Test
    void a_file_that_is_no_database_ends_the_service_with_one_line() throws IOException {
        Files.createDirectories(service.state());
        Files.writeString(service.journal(), "this is no database, and long enough to be sure\n".repeat(100));

        assertEnds("the journal is damaged", service.journal().toString());
    }

    /** Back to the version before headers were recorded, and file systems distinguished. */
    private static final List<String> TO_THE_NINTH_VERSION = List.of(
            "DROP TABLE image_hold",
            "DROP TABLE known_reference",
            "DROP TABLE known_image",
            "DROP TABLE guard",
            "DROP TABLE guard_set",
            "DROP TABLE written_tree",
            "ALTER TABLE disk DROP COLUMN joined",
            "ALTER TABLE hold DROP COLUMN ends_with",
            "ALTER TABLE hold DROP COLUMN made",
            "ALTER TABLE file DROP COLUMN file_system",
            "ALTER TABLE vm DROP COLUMN started_by",
            "ALTER TABLE vm DROP COLUMN directory",
            "PRAGMA user_version = 9");

    @Test
    void a_vm_that_an_older_service_started_is_held_and_given_back_by_this_one() throws IOException, SQLException {
        service.start();
        service.start(VM, argv).ok();
        service.kill();
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + service.journal());
                Statement statement = database.createStatement()) {
            for (String change : TO_THE_NINTH_VERSION) {
                statement.executeUpdate(change);
            }
        }

        service.start();

        assertThat(service.verify(VM).number("drift")).isZero();
        assertThat(service.start("web2", argv).status()).isEqualTo(409);
        service.stop(VM).ok();
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
        service.start(VM, argv).ok();
        service.stop(VM).ok();
    }

    @Test
    void damage_anywhere_in_it_never_labels_anything_nor_loses_what_is_labelled() throws IOException {
        service.start();
        service.start(VM, argv).ok();
        assertThat(service.terminate()).isZero();
        var labelled = Attributes.of(images.directory());
        byte[] sound = Files.readAllBytes(service.journal());

        for (int page = 0; page * 4096 < sound.length; page++) {
            byte[] damaged = sound.clone();
            Arrays.fill(damaged, page * 4096, page * 4096 + 64, (byte) 0xA5);
            Files.write(service.journal(), damaged);

            assertEnds(service.journal().toString());

            assertThat(Attributes.of(images.directory())).as("page %d", page).isEqualTo(labelled);
        }
        Files.write(service.journal(), sound);
        service.start();
        assertThat(service.verify(VM).number("drift")).isZero();
        service.stop(VM).ok();
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
    }

    @Test
    void a_journal_cut_short_ends_the_service_with_one_line() throws IOException {
        service.start();
        service.start(VM, argv).ok();
        assertThat(service.terminate()).isZero();
        byte[] sound = Files.readAllBytes(service.journal());

        Files.write(service.journal(), Arrays.copyOf(sound, sound.length / 2));

        assertEnds(service.journal().toString());
    }

    /** A kill leaves a log that is not yet in the database. A power cut leaves a log with a torn end. */
    @Test
    void a_torn_end_of_the_log_costs_only_what_was_not_durable() throws IOException {
        service.start();
        service.start(VM, argv).ok();
        service.kill();
        Path log = service.state().resolve("journal.db-wal");
        assertThat(log).isNotEmptyFile();
        Files.write(log, new byte[] {1, 2, 3, 4, 5}, StandardOpenOption.APPEND);

        service.start();

        assertThat(service.verify(VM).number("drift")).isZero();
        service.stop(VM).ok();
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
    }

    @Test
    void a_file_in_place_of_the_state_directory_ends_the_service_with_one_line() throws IOException {
        Files.writeString(service.state(), "");

        assertEnds(service.state().toString());
    }

    @Test
    void a_state_directory_on_a_read_only_file_system_ends_the_service_with_one_line() throws IOException {
        try (Mounted disk = Mounted.ext4(temporary.resolve("disk"), 8 << 20);
                ServiceFixture fixed =
                        new ServiceFixture(temporary, disk.directory().resolve("state"))) {
            fixed.start();
            fixed.start(VM, argv).ok();
            assertThat(fixed.terminate()).isZero();
            disk.remount("ro");
            service = fixed;

            assertEnds(fixed.state().toString());

            disk.remount("rw");
            fixed.start();
            fixed.stop(VM).ok();
            assertThat(Attributes.of(images.directory())).isEqualTo(before);
        }
    }

    @Test
    void labels_of_an_earlier_boot_are_given_back_at_the_next_start() throws Exception {
        service.start();
        service.start(VM, argv).ok();
        assertThat(service.terminate()).isZero();
        sql("UPDATE vm SET boot_id = '00000000-0000-0000-0000-000000000000'");

        service.start();

        assertThat(service.holds(VM)).isFalse();
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
    }

    /** Each boot gives new device numbers. */
    @Test
    void a_file_is_known_again_by_inode_and_birth_when_its_device_has_another_number() throws Exception {
        service.start();
        service.start(VM, argv).ok();
        assertThat(service.terminate()).isZero();
        sql("UPDATE vm SET boot_id = '00000000-0000-0000-0000-000000000000'");
        sql("UPDATE file SET device = device + 1");

        service.start();

        assertThat(Attributes.of(images.directory())).isEqualTo(before);
    }

    @Test
    void a_journal_of_a_newer_version_ends_the_service_with_one_line() throws Exception {
        service.start();
        assertThat(service.terminate()).isZero();
        sql("PRAGMA user_version = 4711");

        assertEnds("newer labelerd", "4711");
    }

    @Test
    void a_second_service_with_the_same_state_is_refused_and_the_first_goes_on() throws IOException {
        service.start();
        service.start(VM, argv).ok();
        Path other = Files.createDirectory(temporary.resolve("other"));
        try (ServiceFixture second = new ServiceFixture(other, service.state())) {
            Command ended = second.runToItsEnd();
            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(complaint(ended))
                    .contains("another labelerd", service.state().toString());
        }
        assertThat(service.verify(VM).number("drift")).isZero();
        service.stop(VM).ok();
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
    }

    @Test
    void a_second_service_on_the_same_run_directory_is_refused_and_the_first_goes_on() throws IOException {
        service.start();
        try (ServiceFixture second = new ServiceFixture(temporary, temporary.resolve("otherState"))) {
            Command ended = second.runToItsEnd();
            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(complaint(ended)).contains(service.runDirectory().toString(), "another labelerd");
        }
        assertThat(service.answers()).isTrue();
    }

    private void assertEnds(String... parts) throws IOException {
        var labels = Attributes.of(images.directory());
        Command ended = service.runToItsEnd();
        assertThat(ended.exitCode()).as("%s", ended).isEqualTo(1);
        assertThat(complaint(ended)).contains(parts);
        assertThat(service.socket()).doesNotExist();
        assertThat(Attributes.of(images.directory())).isEqualTo(labels);
    }

    /** The one line with the reason, which follows the log's lines. */
    private static String complaint(Command ended) {
        assertThat(ended.err()).doesNotContain("\tat ").doesNotContain("Exception");
        List<String> lines = ended.err()
                .lines()
                .filter(line -> line.startsWith("labelerd: "))
                .toList();
        assertThat(lines).as(ended.err()).hasSize(1);
        return lines.getFirst();
    }

    private void sql(String change) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + service.journal());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(change);
        }
    }
}

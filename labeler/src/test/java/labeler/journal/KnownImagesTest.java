package labeler.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.Role;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Timestamp;
import labeler.reference.ImageChange;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.reference.Provenance;
import labeler.reference.WrittenReference;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownImagesTest {
    /** Statements that take a journal back to the version before known images. */
    static final List<String> REMOVAL =
            List.of("DROP TABLE image_hold", "DROP TABLE known_reference", "DROP TABLE known_image");

    private static final byte[] NOT_UTF_8 = {'/', 'v', (byte) 0xff};
    private static final VmName WEB = new VmName("web");
    private static final FileIdentity IDENTITY = new FileIdentity(5, 6, Optional.of(new Timestamp(7, 8)));
    private static final HostPath PATH = HostPath.of(NOT_UTF_8);
    private static final KnownImage IMAGE = new KnownImage(
            0,
            IDENTITY,
            PATH,
            PATH,
            ImageFormat.QCOW2,
            Map.of(
                    new WrittenReference(Role.DATA_FILE, FileName.of(NOT_UTF_8), "raw"),
                    Provenance.GUEST,
                    new WrittenReference(Role.BACKING, FileName.of("base"), ""),
                    Provenance.FIRST_SIGHT),
            List.of());

    private static final HostPath OTHER_PATH = HostPath.of("/vm/other");
    private static final KnownImage OTHER = new KnownImage(
            0,
            new FileIdentity(5, 60, Optional.of(new Timestamp(7, 8))),
            OTHER_PATH,
            OTHER_PATH,
            ImageFormat.QCOW2,
            IMAGE.references(),
            List.of());
    private static final KnownImage UNSEEN =
            new KnownImage(0, IDENTITY, PATH, PATH, ImageFormat.QCOW2, Map.of(), List.of());

    private final Path directory;

    @AutoClose
    private SqliteJournal journal;

    KnownImagesTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.journal = SqliteJournal.open(directory);
    }

    /** What is on record of the image that all tests here have. */
    private KnownImage known() throws IOException {
        return journal.knownImage(IDENTITY, PATH).orElseThrow();
    }

    @Test
    void what_an_image_refers_to_is_known_to_the_next_service() throws IOException {
        ImageHold first = new ImageHold(WEB, Optional.empty(), "1");
        ImageHold second = new ImageHold(WEB, Optional.of("d1"), "2");
        journal.holdImages(List.of(IMAGE), first);
        journal.close();
        journal = SqliteJournal.open(directory);
        KnownImage known = known();
        assertThat(known.references()).isEqualTo(IMAGE.references());
        assertThat(known.holds()).containsExactly(first);

        journal.holdImages(List.of(known), second);

        assertThat(journal.imagesHeldBy(WEB, Optional.of("d1")))
                .singleElement()
                .satisfies(held -> assertThat(held.holds()).containsExactly(second));
        assertThat(journal.imagesHeldBy(WEB, Optional.empty()))
                .singleElement()
                .satisfies(held -> assertThat(held.holds()).containsExactlyInAnyOrder(first, second));
        journal.recordImages(List.of(known), List.of(first, second));
        assertThat(journal.imageHolders()).isEmpty();
    }

    @Test
    void the_end_of_a_vm_ends_its_holds_alone_and_writes_what_is_new() throws IOException {
        ImageHold ending = new ImageHold(WEB, Optional.empty(), "1");
        ImageHold other = new ImageHold(new VmName("db"), Optional.empty(), "2");
        journal.holdImages(List.of(IMAGE), ending);
        journal.holdImages(List.of(IMAGE), other);
        KnownImage image = journal.imagesHeldBy(WEB, Optional.empty()).getFirst();

        journal.endHolds(List.of(new ImageChange(image, image)));
        KnownImage unchanged = known();
        assertThat(unchanged.holds()).containsExactly(other);
        assertThat(unchanged.isJudgedAs(IMAGE)).isTrue();

        journal.endHolds(List.of(new ImageChange(unchanged, raw(unchanged))));
        KnownImage changed = known();
        assertThat(changed.holds()).isEmpty();
        assertThat(changed.format()).isEqualTo(ImageFormat.RAW);
    }

    @Test
    void an_image_that_only_the_end_has_seen_is_on_record_also_without_references() throws IOException {
        journal.endHolds(List.of(new ImageChange(UNSEEN, UNSEEN)));

        assertThat(journal.knownImage(IDENTITY, PATH)).isPresent();
    }

    /** As by {@code labeler trust}, or by another VM's start, while the headers of the ended one were read. */
    @Test
    void the_end_of_a_vm_changes_no_record_that_has_changed_since_its_headers_were_read() throws IOException {
        ImageHold ending = new ImageHold(WEB, Optional.empty(), "1");
        journal.holdImages(List.of(UNSEEN), ending);
        KnownImage read = known();
        journal.recordImages(List.of(IMAGE), List.of());

        journal.endHolds(List.of(new ImageChange(read, raw(read))));

        KnownImage now = known();
        assertThat(now.isJudgedAs(IMAGE)).isTrue();
        assertThat(now.holds()).isEmpty();
    }

    @Test
    void an_end_that_comes_late_ends_no_hold_of_another_image_with_the_same_number() throws IOException {
        ImageHold first = new ImageHold(WEB, Optional.empty(), "1");
        ImageHold second = new ImageHold(WEB, Optional.empty(), "2");
        journal.holdImages(List.of(UNSEEN), first);
        KnownImage old = known();
        journal.withdrawImages(first, List.of(UNSEEN));
        journal.holdImages(List.of(OTHER), second);
        KnownImage before = journal.knownImage(OTHER.identity(), OTHER.path()).orElseThrow();
        assertThat(before.id()).isEqualTo(old.id());

        journal.endHolds(List.of(new ImageChange(old, old)));

        assertThat(journal.knownImage(OTHER.identity(), OTHER.path())).contains(before);
    }

    @Test
    void a_start_that_fails_forgets_the_image_that_it_saw_first() throws IOException {
        ImageHold hold = new ImageHold(WEB, Optional.empty(), "1");
        journal.holdImages(List.of(IMAGE), hold);
        journal.withdrawImages(hold, List.of(IMAGE));

        assertThat(journal.knownImage(IDENTITY, PATH)).isEmpty();
        assertThat(journal.imageHolders()).isEmpty();
    }

    /** Numbers are reused. A reader from before an image was forgotten has an old number. */
    @Test
    void what_comes_late_of_an_image_that_was_forgotten_is_put_on_no_other() throws IOException {
        ImageHold first = new ImageHold(WEB, Optional.empty(), "1");
        ImageHold second = new ImageHold(WEB, Optional.empty(), "2");
        journal.holdImages(List.of(UNSEEN), first);
        KnownImage old = known();
        journal.withdrawImages(first, List.of(UNSEEN));
        journal.holdImages(List.of(OTHER), second);
        KnownImage before = journal.knownImage(OTHER.identity(), OTHER.path()).orElseThrow();

        journal.recordImages(List.of(old), List.of(first));
        assertThat(journal.knownImage(OTHER.identity(), OTHER.path())).contains(before);
        assertThat(journal.knownImage(IDENTITY, PATH)).isPresent();
    }

    @Test
    void an_image_that_two_starts_see_first_is_on_record_once() throws IOException {
        ImageHold first = new ImageHold(WEB, Optional.empty(), "1");
        ImageHold second = new ImageHold(new VmName("db"), Optional.empty(), "2");
        journal.holdImages(List.of(UNSEEN), first);
        journal.holdImages(List.of(UNSEEN), second);

        assertThat(known().holds()).containsExactlyInAnyOrder(first, second);
    }

    @Test
    void an_image_that_was_forgotten_while_a_start_read_of_it_is_held_all_the_same() throws IOException {
        ImageHold first = new ImageHold(WEB, Optional.empty(), "1");
        ImageHold second = new ImageHold(new VmName("db"), Optional.empty(), "2");
        journal.holdImages(List.of(UNSEEN), first);
        KnownImage old = known();
        journal.withdrawImages(first, List.of(UNSEEN));

        journal.holdImages(List.of(old), second);
        assertThat(known().holds()).containsExactly(second);
    }

    @Test
    void a_start_that_fails_forgets_no_image_that_somebody_else_has_judged_or_holds() throws IOException {
        ImageHold mine = new ImageHold(WEB, Optional.empty(), "1");
        ImageHold other = new ImageHold(new VmName("db"), Optional.empty(), "2");
        journal.holdImages(List.of(UNSEEN), mine);
        journal.holdImages(List.of(known()), other);
        journal.withdrawImages(mine, List.of(UNSEEN));
        KnownImage held = known();
        assertThat(held.holds()).containsExactly(other);

        journal.holdImages(List.of(held), mine);
        journal.recordImages(List.of(judged(held)), List.of(other));
        journal.withdrawImages(mine, List.of(UNSEEN));
        assertThat(known().references()).isEqualTo(IMAGE.references());
    }

    @Test
    void a_start_that_comes_to_pass_takes_back_no_mark_of_a_guest_that_was_written_meanwhile() throws IOException {
        ImageHold other = new ImageHold(new VmName("db"), Optional.empty(), "2");
        journal.holdImages(List.of(UNSEEN), other);
        KnownImage before = known();
        ImageChange change = new ImageChange(before, raw(before));
        journal.recordImages(List.of(judged(before)), List.of(other));

        journal.changeImages(List.of(change));

        KnownImage now = known();
        assertThat(now.references()).isEqualTo(IMAGE.references());
        journal.changeImages(List.of(new ImageChange(now, raw(now))));
        assertThat(known().format()).isEqualTo(ImageFormat.RAW);
    }

    @Test
    void what_a_vm_only_read_is_added_but_changes_nothing_that_another_holds_or_judged() throws IOException {
        ImageHold other = new ImageHold(new VmName("db"), Optional.empty(), "2");
        journal.seeImages(List.of(new ImageChange(UNSEEN, judged(UNSEEN))));
        KnownImage before = known();
        assertThat(before.references()).isEqualTo(IMAGE.references());
        ImageChange change = new ImageChange(before, raw(before));

        journal.holdImages(List.of(before), other);
        journal.seeImages(List.of(change));
        assertThat(known().isJudgedAs(before)).isTrue();
        journal.recordImages(List.of(before), List.of(other));
        journal.seeImages(List.of(new ImageChange(UNSEEN, raw(UNSEEN))));
        assertThat(journal.knownImage(IDENTITY, PATH)).contains(before);
        journal.seeImages(List.of(change));
        assertThat(journal.knownImage(IDENTITY, PATH)).contains(raw(before));
    }

    /** The image as judged by the review at another VM's end. */
    private static KnownImage judged(KnownImage image) {
        return new KnownImage(image.id(), IDENTITY, PATH, PATH, ImageFormat.QCOW2, IMAGE.references(), image.holds());
    }

    private static KnownImage raw(KnownImage image) {
        return new KnownImage(image.id(), IDENTITY, PATH, PATH, ImageFormat.RAW, Map.of(), image.holds());
    }

    @Test
    void an_image_is_known_under_another_device_number_and_not_by_its_inode_alone() throws IOException {
        journal.recordImages(List.of(IMAGE), List.of());

        assertThat(journal.knownImage(new FileIdentity(9, 6, IDENTITY.birth()), HostPath.of("/elsewhere")))
                .isPresent();
        assertThat(journal.knownImage(new FileIdentity(5, 6, Optional.of(new Timestamp(7, 9))), PATH))
                .isEmpty();
        assertThat(journal.knownImage(new FileIdentity(5, 7, IDENTITY.birth()), PATH))
                .isEmpty();
    }

    /** After an update of the kernel, of a server, or of a mount. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_image_is_known_though_its_file_system_tells_its_birth_only_now_or_no_more(boolean isToldNow)
            throws IOException {
        FileIdentity birthless = new FileIdentity(5, 6, Optional.empty());
        FileIdentity before = isToldNow ? birthless : IDENTITY;
        FileIdentity now = isToldNow ? IDENTITY : birthless;
        ImageHold hold = new ImageHold(WEB, Optional.empty(), "1");
        journal.holdImages(List.of(at(before, KnownImage.NOT_ON_RECORD, List.of())), hold);

        KnownImage known = journal.knownImage(now, PATH).orElseThrow();

        assertThat(known.references()).isEqualTo(IMAGE.references());
        assertThat(known.holds()).containsExactly(hold);
        assertThat(journal.knownImage(now, OTHER_PATH)).isEmpty();
        journal.endHolds(List.of(new ImageChange(known, at(now, known.id(), known.holds()))));
        assertThat(journal.knownImage(now, PATH)).map(KnownImage::holds).contains(List.of());
        assertThat(journal.imageHolders()).isEmpty();
    }

    private static KnownImage at(FileIdentity identity, long id, List<ImageHold> holds) {
        return new KnownImage(id, identity, PATH, PATH, IMAGE.format(), IMAGE.references(), holds);
    }

    /** Such a row cannot be read, so each lookup that reads one fails. */
    @Test
    void a_lookup_reads_no_other_file_that_had_the_same_inode() throws IOException, SQLException {
        KnownImage birthless = new KnownImage(
                0,
                new FileIdentity(5, 6, Optional.empty()),
                OTHER_PATH,
                OTHER_PATH,
                ImageFormat.RAW,
                Map.of(),
                List.of());
        journal.holdImages(List.of(IMAGE, birthless), new ImageHold(WEB, Optional.empty(), "1"));
        journal.close();
        Records.change(
                directory,
                "INSERT INTO known_image (device, inode, birth_seconds, birth_nanoseconds, path, real_path, format)"
                        + " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
                        + " SELECT 5, 6, 1000 + i, 8, '/p', '/p', 'unreadable' FROM n"
                        + " UNION ALL SELECT 9, 6, NULL, NULL, '/p', '/p', 'unreadable' FROM n");

        journal = SqliteJournal.open(directory);
        assertThat(journal.knownImage(IDENTITY, PATH)).map(KnownImage::path).contains(PATH);
        assertThat(journal.knownImage(birthless.identity(), OTHER_PATH))
                .map(KnownImage::path)
                .contains(OTHER_PATH);
    }

    @Test
    void a_journal_whose_images_are_found_by_their_inode_alone_is_brought_up_to_date()
            throws IOException, SQLException {
        journal.holdImages(List.of(IMAGE), new ImageHold(WEB, Optional.empty(), "1"));
        journal.close();
        Records.change(directory, "DROP INDEX known_image_birth");
        Records.change(directory, "CREATE INDEX known_image_inode ON known_image(inode)");
        Records.change(directory, "ALTER TABLE vm DROP COLUMN directory");
        Records.change(directory, "ALTER TABLE guard_set DROP COLUMN own");
        Records.change(directory, "ALTER TABLE disk DROP COLUMN joined");
        Records.change(directory, "DROP TABLE written_tree");
        int before = 1 + JournalSchema.UPGRADES.indexOf(KnownImageRows.BY_BIRTH);
        Records.change(directory, "PRAGMA user_version = " + before);

        journal = SqliteJournal.open(directory);
        assertThat(journal.knownImage(IDENTITY, PATH)).isPresent();
        journal.close();
        assertThat(indexes()).contains("known_image_birth").doesNotContain("known_image_inode");
    }

    private List<String> indexes() throws SQLException {
        List<String> names = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("journal.db"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name FROM sqlite_schema WHERE type = 'index'")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    @Test
    void a_journal_from_before_there_were_known_images_gets_their_tables() throws IOException, SQLException {
        journal.close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("journal.db"));
                Statement statement = connection.createStatement()) {
            for (String removal : REMOVAL) {
                statement.executeUpdate(removal);
            }
            int before = 1 + JournalSchema.UPGRADES.indexOf(KnownImageRows.TABLES);
            statement.executeUpdate("PRAGMA user_version = " + before);
            statement.executeUpdate("ALTER TABLE file DROP COLUMN file_system");
            statement.executeUpdate("ALTER TABLE hold DROP COLUMN ends_with");
            statement.executeUpdate("ALTER TABLE hold DROP COLUMN made");
            statement.executeUpdate("ALTER TABLE vm DROP COLUMN started_by");
            statement.executeUpdate("ALTER TABLE vm DROP COLUMN directory");
            statement.executeUpdate("ALTER TABLE disk DROP COLUMN joined");
            statement.executeUpdate("DROP TABLE written_tree");
            statement.executeUpdate("DROP TABLE guard");
            statement.executeUpdate("DROP TABLE guard_set");
            assertThat(JournalSchema.UPGRADES.subList(before, JournalSchema.UPGRADES.size()))
                    .as("what came later, which this test has to take back first")
                    .hasSize(11);
        }

        journal = SqliteJournal.open(directory);
        journal.holdImages(List.of(IMAGE), new ImageHold(WEB, Optional.empty(), "1"));
        assertThat(journal.imageHolders()).containsExactly(WEB);
    }
}

package labeler.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.Role;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Timestamp;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.reference.Provenance;
import labeler.reference.WrittenReference;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownImagesTest {
    /** Statements that take a journal back to before there were known images. */
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

    @TempDir
    Path directory;

    private SqliteJournal journal() throws IOException {
        return SqliteJournal.open(directory);
    }

    @Test
    void what_an_image_refers_to_is_known_to_the_next_service() throws IOException {
        ImageHold first = new ImageHold(WEB, Optional.empty(), "1");
        ImageHold second = new ImageHold(WEB, Optional.of("d1"), "2");
        try (SqliteJournal journal = journal()) {
            journal.recordImages(List.of(IMAGE), Optional.of(first), List.of());
        }
        try (SqliteJournal journal = journal()) {
            KnownImage known = journal.knownImage(IDENTITY, PATH).orElseThrow();
            assertThat(known.references()).isEqualTo(IMAGE.references());
            assertThat(known.holds()).containsExactly(first);

            journal.recordImages(List.of(known), Optional.of(second), List.of());

            assertThat(journal.imagesHeldBy(WEB, Optional.of("d1")))
                    .singleElement()
                    .satisfies(held -> assertThat(held.holds()).containsExactly(second));
            assertThat(journal.imagesHeldBy(WEB, Optional.empty()))
                    .singleElement()
                    .satisfies(held -> assertThat(held.holds()).containsExactlyInAnyOrder(first, second));
            journal.recordImages(List.of(known), Optional.empty(), List.of(first, second));
            assertThat(journal.imageHolders()).isEmpty();
        }
    }

    @Test
    void an_image_is_known_under_another_device_number_and_not_by_its_inode_alone() throws IOException {
        try (SqliteJournal journal = journal()) {
            journal.recordImages(List.of(IMAGE), Optional.empty(), List.of());

            assertThat(journal.knownImage(new FileIdentity(9, 6, IDENTITY.birth()), HostPath.of("/elsewhere")))
                    .isPresent();
            assertThat(journal.knownImage(new FileIdentity(5, 6, Optional.of(new Timestamp(7, 9))), PATH))
                    .isEmpty();
            assertThat(journal.knownImage(new FileIdentity(5, 7, IDENTITY.birth()), PATH))
                    .isEmpty();
        }
    }

    @Test
    void a_journal_from_before_there_were_known_images_gets_their_tables() throws IOException, SQLException {
        journal().close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("journal.db"));
                Statement statement = connection.createStatement()) {
            for (String removal : REMOVAL) {
                statement.executeUpdate(removal);
            }
            int before = 1 + JournalSchema.UPGRADES.indexOf(KnownImageRows.TABLES);
            statement.executeUpdate("PRAGMA user_version = " + before);
            statement.executeUpdate("ALTER TABLE file DROP COLUMN file_system");
            assertThat(JournalSchema.UPGRADES.subList(before, JournalSchema.UPGRADES.size()))
                    .as("what came later, which this test has to take back first")
                    .hasSize(1);
        }

        try (SqliteJournal journal = journal()) {
            journal.recordImages(List.of(IMAGE), Optional.of(new ImageHold(WEB, Optional.empty(), "1")), List.of());
            assertThat(journal.imageHolders()).containsExactly(WEB);
        }
    }
}

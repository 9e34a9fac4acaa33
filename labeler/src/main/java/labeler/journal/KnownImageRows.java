package labeler.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
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
import labeler.reference.ReadHeader;
import labeler.reference.WrittenReference;
import labeler.vm.VmName;

/** The tables of known images: records to rows and back. */
final class KnownImageRows {
    /** All in one step of the journal's history. */
    static final String TABLES = """
            CREATE TABLE known_image (
              id INTEGER PRIMARY KEY,
              device INTEGER NOT NULL,
              inode INTEGER NOT NULL,
              birth_seconds INTEGER,
              birth_nanoseconds INTEGER,
              path BLOB NOT NULL,
              real_path BLOB NOT NULL,
              format TEXT NOT NULL
            );
            CREATE INDEX known_image_inode ON known_image(inode);
            CREATE TABLE known_reference (
              image INTEGER NOT NULL REFERENCES known_image(id) ON DELETE CASCADE,
              role TEXT NOT NULL,
              name BLOB NOT NULL,
              format TEXT NOT NULL,
              provenance TEXT NOT NULL,
              PRIMARY KEY (image, role, name, format)
            ) WITHOUT ROWID;
            CREATE TABLE image_hold (
              image INTEGER NOT NULL REFERENCES known_image(id) ON DELETE CASCADE,
              vm TEXT NOT NULL,
              disk TEXT,
              token TEXT NOT NULL,
              PRIMARY KEY (image, token)
            ) WITHOUT ROWID;
            CREATE INDEX image_hold_vm ON image_hold(vm)""";

    private final Connection connection;

    KnownImageRows(Connection connection) {
        this.connection = connection;
    }

    Optional<KnownImage> find(FileIdentity identity, HostPath realPath) throws SQLException {
        List<KnownImage> found = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT * FROM known_image WHERE inode = ?")) {
            query.setLong(1, identity.inode());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    KnownImage image = bare(row);
                    boolean isThere = image.identity().birth().isPresent()
                            || image.realPath().equals(realPath)
                            || image.identity().device() == identity.device();
                    if (isThere && image.identity().birth().equals(identity.birth())) {
                        found.add(image);
                    }
                }
            }
        }
        // Clones of one file system have files with one inode and birth time: the one mounted here comes first.
        Optional<KnownImage> here = found.stream()
                .filter(image -> image.identity().device() == identity.device())
                .findFirst()
                .or(() -> found.stream().findFirst());
        Optional<KnownImage> whole = here.isPresent() ? Optional.of(whole(here.get())) : Optional.empty();
        return ReadHeader.isNamed(identity) ? besideOthers(whole, identity, realPath) : whole;
    }

    /** A block device is on record by each name that it was used by; the kernel's name holds until the next boot. */
    private Optional<KnownImage> besideOthers(Optional<KnownImage> known, FileIdentity identity, HostPath realPath)
            throws SQLException {
        List<KnownImage> others = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT * FROM known_image WHERE device = ? AND real_path = ? AND inode <> ? ORDER BY id")) {
            query.setLong(1, identity.device());
            query.setBytes(2, realPath.bytes());
            query.setLong(3, identity.inode());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    others.add(bare(row));
                }
            }
        }
        Optional<KnownImage> image = known;
        for (KnownImage bare : others) {
            KnownImage other = whole(bare);
            image = Optional.of(image.map(one -> one.beside(other)).orElseGet(() -> other.asFirstOf(identity)));
        }
        return image;
    }

    List<KnownImage> heldBy(VmName vm, Optional<String> disk) throws SQLException {
        List<KnownImage> bare = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT DISTINCT known_image.* FROM known_image"
                + " JOIN image_hold ON image = id WHERE vm = ?1 AND (?2 IS NULL OR disk = ?2) ORDER BY id")) {
            query.setString(1, vm.value());
            query.setString(2, disk.orElse(null));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    bare.add(bare(row));
                }
            }
        }
        List<KnownImage> images = new ArrayList<>();
        for (KnownImage image : bare) {
            KnownImage whole = whole(image);
            images.add(with(
                    whole,
                    whole.references(),
                    whole.holds().stream()
                            .filter(hold -> hold.vm().equals(vm)
                                    && (disk.isEmpty() || hold.disk().equals(disk)))
                            .toList()));
        }
        return images;
    }

    List<VmName> holders() throws SQLException {
        List<VmName> vms = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT DISTINCT vm FROM image_hold ORDER BY vm");
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                vms.add(new VmName(row.getString(1)));
            }
        }
        return vms;
    }

    /** Answers the image's number. */
    long put(KnownImage image) throws SQLException {
        long id = putBare(image);
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM known_reference WHERE image = ?")) {
            delete.setLong(1, id);
            delete.executeUpdate();
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO known_reference VALUES (?,?,?,?,?)")) {
            for (Map.Entry<WrittenReference, Provenance> entry :
                    image.references().entrySet()) {
                insert.setLong(1, id);
                insert.setString(2, entry.getKey().role().name());
                insert.setBytes(3, entry.getKey().name().bytes());
                insert.setString(4, entry.getKey().format());
                insert.setString(5, entry.getValue().name());
                insert.executeUpdate();
            }
        }
        return id;
    }

    private long putBare(KnownImage image) throws SQLException {
        Optional<Long> now = number(image);
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO known_image VALUES (?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET device=excluded.device,"
                        + " path=excluded.path, real_path=excluded.real_path, format=excluded.format RETURNING id")) {
            insert.setObject(1, now.orElse(null));
            insert.setLong(2, image.identity().device());
            insert.setLong(3, image.identity().inode());
            Optional<Timestamp> birth = image.identity().birth();
            insert.setObject(4, birth.map(Timestamp::seconds).orElse(null));
            insert.setObject(5, birth.map(Timestamp::nanoseconds).orElse(null));
            insert.setBytes(6, image.path().bytes());
            insert.setBytes(7, image.realPath().bytes());
            insert.setString(8, image.format().driver());
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /**
     * The image's number now. Since somebody read of it, a start that failed may have had it forgotten, or another start may
     * have seen it first; and numbers come again.
     */
    private Optional<Long> number(KnownImage image) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT id FROM known_image WHERE inode = ?1 AND birth_seconds IS ?2"
                        + " AND birth_nanoseconds IS ?3 AND (id = ?4 OR device = ?5) ORDER BY id <> ?4, id LIMIT 1")) {
            query.setLong(1, image.identity().inode());
            Optional<Timestamp> birth = image.identity().birth();
            query.setObject(2, birth.map(Timestamp::seconds).orElse(null));
            query.setObject(3, birth.map(Timestamp::nanoseconds).orElse(null));
            query.setLong(4, image.id());
            query.setLong(5, image.identity().device());
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? Optional.of(row.getLong(1)) : Optional.empty();
            }
        }
    }

    /** One that is on record stays as it is, and another comes on record. */
    void hold(KnownImage image, ImageHold hold) throws SQLException {
        Optional<Long> now = number(image);
        long id = now.isPresent() ? now.get() : put(image);
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT OR REPLACE INTO image_hold VALUES (?,?,?,?)")) {
            insert.setLong(1, id);
            insert.setString(2, hold.vm().value());
            insert.setString(3, hold.disk().orElse(null));
            insert.setString(4, hold.token());
            insert.executeUpdate();
        }
    }

    void release(long image, Collection<ImageHold> holds) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM image_hold WHERE image = ? AND token = ?")) {
            for (ImageHold hold : holds) {
                delete.setLong(1, image);
                delete.setString(2, hold.token());
                delete.executeUpdate();
            }
        }
    }

    void release(ImageHold hold) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM image_hold WHERE token = ?")) {
            delete.setString(1, hold.token());
            delete.executeUpdate();
        }
    }

    /** Unless it is otherwise on record by now. */
    void change(ImageChange change) throws SQLException {
        KnownImage after = change.after();
        Optional<KnownImage> now = find(after.identity(), after.realPath());
        if (now.filter(change::isStillOf).isPresent()) {
            put(after);
        }
    }

    /** Unless it is otherwise on record by now, or held. */
    void forget(KnownImage image) throws SQLException {
        Optional<KnownImage> now = find(image.identity(), image.realPath());
        if (now.filter(one -> one.isJudgedAs(image) && one.holds().isEmpty()).isEmpty()) {
            return;
        }
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM known_image WHERE id = ?")) {
            delete.setLong(1, now.get().id());
            delete.executeUpdate();
        }
    }

    private static KnownImage bare(ResultSet row) throws SQLException {
        long birthSeconds = row.getLong(4);
        Optional<Timestamp> birth =
                row.wasNull() ? Optional.empty() : Optional.of(new Timestamp(birthSeconds, row.getInt(5)));
        return new KnownImage(
                row.getLong(1),
                new FileIdentity(row.getLong(2), row.getLong(3), birth),
                HostPath.of(row.getBytes(6)),
                HostPath.of(row.getBytes(7)),
                ImageFormat.ofName(row.getString(8))
                        .orElseThrow(() -> new SQLException("known_image.format is no format")),
                Map.of(),
                List.of());
    }

    private KnownImage whole(KnownImage bare) throws SQLException {
        Map<WrittenReference, Provenance> references = new LinkedHashMap<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT * FROM known_reference WHERE image = ?")) {
            query.setLong(1, bare.id());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    references.put(
                            new WrittenReference(
                                    JournalRows.constant(Role.class, row.getString(2)),
                                    FileName.of(row.getBytes(3)),
                                    row.getString(4)),
                            JournalRows.constant(Provenance.class, row.getString(5)));
                }
            }
        }
        List<ImageHold> holds = new ArrayList<>();
        try (PreparedStatement query =
                connection.prepareStatement("SELECT vm, disk, token FROM image_hold WHERE image = ?")) {
            query.setLong(1, bare.id());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    holds.add(new ImageHold(
                            new VmName(row.getString(1)), Optional.ofNullable(row.getString(2)), row.getString(3)));
                }
            }
        }
        return with(bare, references, holds);
    }

    private static KnownImage with(
            KnownImage image, Map<WrittenReference, Provenance> references, List<ImageHold> holds) {
        return new KnownImage(
                image.id(), image.identity(), image.path(), image.realPath(), image.format(), references, holds);
    }
}

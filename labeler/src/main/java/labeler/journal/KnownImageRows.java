package labeler.journal;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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

/** The tables of known images: turns records into rows and back. */
record KnownImageRows(Statements sql) {
    /** All tables were added in one version of the journal. */
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

    /** An inode's number is used again at once when its file is gone, so an old journal has many rows with one number. */
    static final String BY_BIRTH = """
            DROP INDEX IF EXISTS known_image_inode;
            CREATE INDEX IF NOT EXISTS known_image_birth
              ON known_image(inode, birth_seconds, birth_nanoseconds)""";

    /**
     * The rows of one file: inode, seconds and nanoseconds of its birth, real path, device.
     *
     * <p>Clones of one file system have files with the same inode and birth time: the one mounted here comes first. A file
     * system tells when a file was made, or does not, and an update of the kernel or of a server changes that: so a row
     * without a birth, or for a file without one, counts by its path if no other does. An image that is taken for this one by
     * mistake is judged too strictly at worst.
     *
     * <p>The inode is in each part, so that SQLite uses the index for each.
     */
    private static final String HERE = """
            (inode = ?1 AND birth_seconds IS ?2 AND birth_nanoseconds IS ?3
                AND (?2 IS NOT NULL OR real_path = ?4 OR device = ?5))
              OR (inode = ?1 AND birth_seconds IS NULL AND real_path = ?4)
              OR (inode = ?1 AND ?2 IS NULL AND real_path = ?4)
            ORDER BY birth_seconds IS NOT ?2 OR birth_nanoseconds IS NOT ?3,
              CASE WHEN birth_seconds IS ?2 AND birth_nanoseconds IS ?3 THEN device <> ?5 ELSE -id END,
              id
            LIMIT 1""";

    Optional<KnownImage> find(FileIdentity identity, HostPath realPath) throws SQLException {
        Optional<KnownImage> here = images(
                        HERE,
                        identity.inode(),
                        identity.birth().map(Timestamp::seconds),
                        identity.birth().map(Timestamp::nanoseconds),
                        realPath,
                        identity.device())
                .stream()
                .findFirst();
        Optional<KnownImage> whole = here.isPresent() ? Optional.of(whole(here.get())) : Optional.empty();
        return ReadHeader.isNamed(identity) ? besideOthers(whole, identity, realPath) : whole;
    }

    /** A block device is on record under each name that was used; the kernel's name is valid until the next boot. */
    private Optional<KnownImage> besideOthers(Optional<KnownImage> known, FileIdentity identity, HostPath realPath)
            throws SQLException {
        Optional<KnownImage> image = known;
        for (KnownImage bare : images(
                "device = ? AND real_path = ? AND inode <> ? ORDER BY id",
                identity.device(),
                realPath,
                identity.inode())) {
            KnownImage other = whole(bare);
            image = Optional.of(image.map(one -> one.beside(other)).orElseGet(() -> other.asFirstOf(identity)));
        }
        return image;
    }

    List<KnownImage> heldBy(VmName vm, Optional<String> disk) throws SQLException {
        List<KnownImage> images = new ArrayList<>();
        for (KnownImage bare : images(
                "id IN (SELECT image FROM image_hold WHERE vm = ?1 AND (?2 IS NULL OR disk = ?2)) ORDER BY id",
                vm,
                disk)) {
            images.add(whole(bare)
                    .holding(hold -> hold.vm().equals(vm)
                            && (disk.isEmpty() || hold.disk().equals(disk))));
        }
        return images;
    }

    List<VmName> holders() throws SQLException {
        return sql.query("SELECT DISTINCT vm FROM image_hold ORDER BY vm", row -> new VmName(row.text("vm")));
    }

    /** Answers the image's number. */
    long put(KnownImage image) throws SQLException {
        long id = sql.put(
                "known_image",
                new Values()
                        .with("id", number(image))
                        .with(image.identity())
                        .with("path", image.path())
                        .with("real_path", image.realPath())
                        .with("format", image.format().driver()));
        sql.change("DELETE FROM known_reference WHERE image = ?", id);
        for (Map.Entry<WrittenReference, Provenance> entry : image.references().entrySet()) {
            sql.insert(
                    "known_reference",
                    new Values()
                            .with("image", id)
                            .with("role", entry.getKey().role())
                            .with("name", entry.getKey().name().bytes())
                            .with("format", entry.getKey().format())
                            .with("provenance", entry.getValue()));
        }
        return id;
    }

    /**
     * The image's present number. Since the image was read, a failed start may have removed it, or another start may
     * have added it; and numbers are reused.
     */
    private Optional<Long> number(KnownImage image) throws SQLException {
        Optional<Timestamp> birth = image.identity().birth();
        return sql
                .query(
                        "SELECT id FROM known_image WHERE inode = ?1 AND ("
                                + "(birth_seconds IS ?2 AND birth_nanoseconds IS ?3 AND (id = ?4 OR device = ?5))"
                                + " OR (id = ?4 AND (birth_seconds IS NULL OR ?2 IS NULL)))"
                                + " ORDER BY id <> ?4, id LIMIT 1",
                        row -> row.number("id"),
                        image.identity().inode(),
                        birth.map(Timestamp::seconds),
                        birth.map(Timestamp::nanoseconds),
                        image.id(),
                        image.identity().device())
                .stream()
                .findFirst();
    }

    /** An image that is on record stays unchanged; another is added. */
    void hold(KnownImage image, ImageHold hold) throws SQLException {
        Optional<Long> now = number(image);
        sql.change(
                "INSERT OR REPLACE INTO image_hold (image, vm, disk, token) VALUES (?, ?, ?, ?)",
                now.isPresent() ? now.get() : (Long) put(image),
                hold.vm(),
                hold.disk(),
                hold.token());
    }

    void release(long image, Collection<ImageHold> holds) throws SQLException {
        for (ImageHold hold : holds) {
            sql.change("DELETE FROM image_hold WHERE image = ? AND token = ?", image, hold.token());
        }
    }

    void release(ImageHold hold) throws SQLException {
        sql.change("DELETE FROM image_hold WHERE token = ?", hold.token());
    }

    /** Changes the record, unless it has changed in the meantime. */
    void change(ImageChange change) throws SQLException {
        KnownImage after = change.after();
        if (find(after.identity(), after.realPath()).filter(change::isStillOf).isPresent()) {
            put(after);
        }
    }

    /** Changes or adds the record, unless it has changed in the meantime or is held. */
    void see(ImageChange change) throws SQLException {
        Optional<KnownImage> now =
                find(change.after().identity(), change.after().realPath());
        boolean isFirst = change.before().id() == KnownImage.NOT_ON_RECORD;
        boolean isToBeWritten = now.isEmpty()
                ? isFirst
                : change.isAny()
                        && change.isStillOf(now.get())
                        && now.get().holds().isEmpty();
        if (isToBeWritten) {
            put(change.after());
        }
    }

    /**
     * Ends holds, and changes the record unless it has changed in the meantime: who judged the image later saw more. A
     * number that was reused for another image leads to no hold: each hold has a token of its own.
     */
    void end(ImageChange change) throws SQLException {
        Optional<Long> now = number(change.after());
        boolean isToBeWritten = change.isAny() || change.before().id() == KnownImage.NOT_ON_RECORD;
        long id = isToBeWritten && (now.isEmpty() || change.isStillOf(whole(now.get())))
                ? put(change.after())
                : now.orElse(change.before().id());
        release(id, change.before().holds());
    }

    private KnownImage whole(long id) throws SQLException {
        return whole(images("id = ?", id).getFirst());
    }

    /** Removes the record, unless it has changed in the meantime or is held. */
    void forget(KnownImage image) throws SQLException {
        Optional<KnownImage> now = find(image.identity(), image.realPath())
                .filter(one -> one.isJudgedAs(image) && one.holds().isEmpty());
        if (now.isPresent()) {
            sql.change("DELETE FROM known_image WHERE id = ?", now.get().id());
        }
    }

    /** The images without their references and holds. */
    private List<KnownImage> images(String condition, Object... values) throws SQLException {
        return sql.query(
                "SELECT * FROM known_image WHERE " + condition,
                row -> new KnownImage(
                        row.number("id"),
                        row.identity(),
                        row.path("path"),
                        row.path("real_path"),
                        ImageFormat.ofName(row.text("format"))
                                .orElseThrow(() -> new SQLException("known_image.format is no format")),
                        Map.of(),
                        List.of()),
                values);
    }

    /** Both kinds of rows at once: this is asked for each file of each start. */
    private KnownImage whole(KnownImage bare) throws SQLException {
        Map<WrittenReference, Provenance> references = new HashMap<>();
        List<ImageHold> holds = new ArrayList<>();
        sql.forEach(
                "SELECT role, name, format, provenance, NULL AS vm, NULL AS disk, NULL AS token FROM known_reference"
                        + " WHERE image = ?1 UNION ALL SELECT NULL, NULL, NULL, NULL, vm, disk, token FROM image_hold"
                        + " WHERE image = ?1",
                row -> {
                    if (row.optionalText("vm").isPresent()) {
                        holds.add(hold(row));
                    } else {
                        references.put(reference(row), row.constant(Provenance.class, "provenance"));
                    }
                },
                bare.id());
        return new KnownImage(
                bare.id(), bare.identity(), bare.path(), bare.realPath(), bare.format(), references, holds);
    }

    private static ImageHold hold(Row row) throws SQLException {
        return new ImageHold(new VmName(row.text("vm")), row.optionalText("disk"), row.text("token"));
    }

    private static WrittenReference reference(Row row) throws SQLException {
        return new WrittenReference(
                row.constant(Role.class, "role"), FileName.of(row.bytes("name")), row.text("format"));
    }
}
